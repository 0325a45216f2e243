//go:build onecors_panic_probe

package onecors

import (
	"errors"
	"strings"
	"testing"
)

func TestAPanicOfTheEngineNeverAllows(t *testing.T) {
	document := []byte(`{"allow_origins": ["https://*.example.com"]}`)
	request := Request{Method: "GET", Origin: []string{"https://app.example.com"}}
	policy, err := Parse(document)
	if err != nil {
		t.Fatal(err)
	}

	armPanicProbe(1)
	verdict := policy.Decide(request)
	passes := policy.checkOriginOnAll(&Request{}, nil, "")
	_, explainErr := policy.Explain(request)
	failed, parseErr := Parse(document)
	_, plansErr := policy.native.Load().plans()
	armPanicProbe(0)

	if verdict != VerdictFailed {
		t.Errorf("the verdict is %v", verdict)
	}
	if passes {
		t.Error("an origin passes")
	}
	if failed != nil {
		t.Error("a policy was built")
	}
	var bad *PolicyError
	for _, err := range []error{explainErr, parseErr, plansErr} {
		if err == nil || errors.As(err, &bad) || !strings.Contains(err.Error(), "a bug in onecors") {
			t.Errorf("the error is %v", err)
		}
	}
	if verdict := policy.Decide(request); verdict.Outcome() != ActualAllowed {
		t.Errorf("after the panic the verdict is %v", verdict)
	}
}
