// Starts a call, or finds the call with the same key, and prints its outcome.
//
//	go run . --to +14155550101 --agent agent_01h --key order-4711
//
// With --parent, a workflow of this program calls the person as one of its steps.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

func main() {
	to := flag.String("to", "", "the number to call, in E.164")
	agent := flag.String("agent", "", "the ID of the Truedy agent")
	key := flag.String("key", "", "identifies the call, such as order-4711")
	parent := flag.Bool("parent", false, "call from a parent workflow")
	flag.Parse()
	if *to == "" || *agent == "" || *key == "" {
		flag.Usage()
		os.Exit(2)
	}
	if strings.Contains(*key, strings.TrimPrefix(*to, "+")) {
		fmt.Fprintln(os.Stderr, "--key must not contain the number, because workflow IDs are not encrypted")
		os.Exit(2)
	}
	call := OutboundCallInput{Call: CallBody{AgentID: *agent, PhoneNumber: *to}}
	run := runCall
	if *parent {
		run = runParent
	}
	outcome, err := run(context.Background(), call, *key)
	// A failure is a problem to fix. Its type says which: see schemas/call-failure.json.
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) {
		fmt.Fprintln(os.Stderr, failure.Message())
		fmt.Println(failure.Type())
		os.Exit(1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	fmt.Println(outcome)
}

func runCall(ctx context.Context, call OutboundCallInput, key string) (Outcome, error) {
	c, err := connect()
	if err != nil {
		return "", err
	}
	defer c.Close()
	run, err := startOrFind(ctx, c, call, key)
	if err != nil {
		return "", err
	}
	var result CallResult
	if err := run.Get(ctx, &result); err != nil {
		return "", err
	}
	var view CallView
	answer, err := c.QueryWorkflow(ctx, run.GetID(), "", "getCall")
	if err != nil {
		return "", err
	}
	if err := answer.Get(&view); err != nil {
		return "", err
	}
	details := map[string]any{"result": result, "view": view}
	return result.Outcome, json.NewEncoder(os.Stderr).Encode(details)
}

func startOrFind(ctx context.Context, c client.Client, call OutboundCallInput, key string) (client.WorkflowRun, error) {
	options := client.StartWorkflowOptions{
		ID:        callWorkflowID(key),
		TaskQueue: taskQueue(),
		// A second call with the same ID must not start, even after the first one has ended.
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}
	run, err := c.ExecuteWorkflow(ctx, options, workflowType, call)
	var exists *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &exists) {
		return c.GetWorkflow(ctx, options.ID, ""), nil
	}
	return run, err
}
