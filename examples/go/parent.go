package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Order is a workflow that calls a person as one of its steps, and returns the outcome.
func Order(ctx workflow.Context, key string, call OutboundCallInput, queue string) (Outcome, error) {
	result, err := callPerson(ctx, call, key, queue)
	// The type says what to fix. Without this, the parent fails with another type.
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) {
		return "", failure
	}
	return result.Outcome, err
}

// callPerson calls a person. If a run with this key exists or existed, it returns the result of that run.
func callPerson(ctx workflow.Context, call OutboundCallInput, key, queue string) (CallResult, error) {
	var result CallResult
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: callWorkflowID(key),
		TaskQueue:  queue,
		// The call outlives its parent, and one key is one call.
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		// A canceled parent receives what became of the call: a live one cannot be hung up.
		WaitForCancellation: true,
	})
	err := workflow.ExecuteChildWorkflow(child, workflowType, call).Get(ctx, &result)
	if !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return result, err
	}
	// An activity of the Truedy workers waits for it, in polls of at most 20 s.
	attached := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           queue,
		StartToCloseTimeout: time.Minute,
	})
	err = workflow.ExecuteActivity(attached, "truedyAwaitCall", callWorkflowID(key)).Get(ctx, &result)
	return result, err
}

// runParent runs a worker for as long as one Order takes.
func runParent(ctx context.Context, call OutboundCallInput, key string) (Outcome, error) {
	c, err := connect()
	if err != nil {
		return "", err
	}
	defer c.Close()
	queue := "orders-" + uuid.NewString()
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(Order)
	if err := w.Start(); err != nil {
		return "", err
	}
	defer w.Stop()
	options := client.StartWorkflowOptions{ID: "order-" + uuid.NewString(), TaskQueue: queue}
	run, err := c.ExecuteWorkflow(ctx, options, Order, key, call, taskQueue())
	if err != nil {
		return "", err
	}
	var outcome Outcome
	err = run.Get(ctx, &outcome)
	return outcome, err
}
