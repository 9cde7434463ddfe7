package main

import (
	"log/slog"
	"os"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
)

const workflowType = "OutboundCallWorkflow"

// taskQueue is the queue of the Truedy workers.
func taskQueue() string {
	if name := os.Getenv("TRUEDY_TASK_QUEUE"); name != "" {
		return name
	}
	return "truedy-calls"
}

// callWorkflowID returns the workflow ID for a key. The same key is the same call. Workflow IDs are
// not encrypted, so a key must not contain a phone number.
func callWorkflowID(key string) string {
	if strings.HasPrefix(key, "call/") {
		return key
	}
	return "call/" + key
}

// connect uses the variables and profiles of the temporal command, such as TEMPORAL_ADDRESS.
func connect() (client.Client, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return nil, err
	}
	if err := encrypt(&options); err != nil {
		return nil, err
	}
	// The SDK's own logger writes to standard output, where this program prints the outcome.
	handler := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})
	options.Logger = log.NewStructuredLogger(slog.New(handler))
	return client.Dial(options)
}
