package onecors_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	onecors "github.com/onecors/onecors/bindings/go"
)

const app = "https://app.example.com"

// appPolicy allows one origin, one method and two headers.
func appPolicy(t testing.TB) *onecors.Policy {
	t.Helper()
	return newPolicy(t, onecors.Config{
		AllowOrigins:     []string{app},
		AllowCredentials: true,
		AllowMethods:     []string{"PUT"},
		AllowHeaders:     []string{"x-one", "x-two"},
	})
}

func newPolicy(t testing.TB, config onecors.Config) *onecors.Policy {
	t.Helper()
	policy, err := onecors.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// rounds is a tenth of n with -short, for when every call collects all garbage.
func rounds(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

func get(origin ...string) onecors.Request {
	return onecors.Request{Method: "GET", Path: "/", Origin: origin}
}

func preflight(origin, method string, headers ...string) onecors.Request {
	return onecors.Request{
		Method:                      "OPTIONS",
		Path:                        "/",
		Origin:                      []string{origin},
		AccessControlRequestMethod:  []string{method},
		AccessControlRequestHeaders: headers,
	}
}

// problemsOf returns the problems of a document's error; none for nil.
func problemsOf(t *testing.T, err error) []onecors.Problem {
	t.Helper()
	if err == nil {
		return nil
	}
	var bad *onecors.PolicyError
	if !errors.As(err, &bad) {
		t.Fatalf("the error is no *PolicyError: %v", err)
	}
	return bad.Problems
}

func expect(t *testing.T, policy *onecors.Policy, request onecors.Request, verdict string) {
	t.Helper()
	if got := policy.Decide(request).String(); got != verdict {
		t.Errorf("%.200q: the verdict is %s, not %s", fmt.Sprint(request), got, verdict)
	}
}

func TestAbsentAndEmptyDiffer(t *testing.T) {
	policy := appPolicy(t)
	expect(t, policy, get(), "not_cors")
	expect(t, policy, onecors.Request{Method: "GET", Origin: []string{}}, "not_cors")
	expect(t, policy, get(""), "actual_denied: malformed_origin")

	options := onecors.Request{Method: "OPTIONS", Origin: []string{app}}
	expect(t, policy, options, "actual_allowed")
	expect(t, policy, preflight(app, ""), "preflight_denied: malformed_request_method")
	expect(t, policy, preflight(app, "PUT"), "preflight_allowed")
	expect(t, policy, preflight(app, "PUT", ""), "preflight_allowed")
	expect(t, policy, onecors.Request{}, "not_cors")
}

func TestSeveralLinesAreJoined(t *testing.T) {
	policy := appPolicy(t)
	expect(t, policy, get(app, app), "actual_denied: malformed_origin")
	expect(t, policy, get(app, ""), "actual_denied: malformed_origin")
	expect(t, policy, preflight(app, "PUT", "x-one", "x-two"), "preflight_allowed")
	expect(t, policy, preflight(app, "PUT", "x-one", "x-three"), "preflight_denied: header_not_allowed")
	twice := preflight(app, "PUT")
	twice.AccessControlRequestMethod = []string{"PUT", "PUT"}
	expect(t, policy, twice, "preflight_denied: malformed_request_method")
}

// What is not joined because it is too long has the verdict of what would have been joined.
func TestLongLinesAreDeniedWithoutJoiningThem(t *testing.T) {
	policy := newPolicy(t, onecors.Config{
		AllowOrigins:     []string{app},
		AllowCredentials: true,
		AllowMethods:     []string{"*"},
		AllowHeaders:     []string{"*"},
	})
	for _, size := range []int{5_000, 16_379, 16_380, 16_381, 20_000, 10 << 20} {
		long := strings.Repeat("x", size)
		origins := get(long, app)
		methods := preflight(app, "")
		methods.AccessControlRequestMethod = []string{long, "PUT"}
		headers := preflight(app, "PUT", long, strings.Repeat("x", 5_000))
		expect(t, policy, origins, "actual_denied: malformed_origin")
		expect(t, policy, methods, "preflight_denied: malformed_request_method")
		expect(t, policy, headers, "preflight_denied: too_many_headers")
		for _, request := range []onecors.Request{origins, methods, headers} {
			if allocations := testing.AllocsPerRun(10, func() { policy.Decide(request) }); size > 16<<10 && allocations != 0 {
				t.Errorf("lines of %d bytes take %v allocations", size, allocations)
			}
		}
	}
	many := preflight(app, "PUT", strings.Split(strings.Repeat("x,", 1<<16), ",")...)
	expect(t, policy, many, "preflight_denied: too_many_headers")
	// The longest value that is joined is too long for the engine already.
	expect(t, policy, preflight(app, "PUT", strings.Repeat("x", 16<<10)), "preflight_denied: too_many_headers")
}

func TestHostileBytesAreDenied(t *testing.T) {
	policy := appPolicy(t)
	huge := strings.Repeat("a", 10<<20)
	for _, origin := range []string{
		app + "\x00",
		app + "\x00.evil.example",
		"\x00",
		app + "\xff",
		"\xed\xa0\x80",
		// Each of these bytes of UTF-16, cut to its low half, would be an allowed origin's.
		"https://\u4161pp.example.com",
		"https://app.example.co\u016d",
		app + "\n",
		" " + app,
		"https://" + huge + ".example.com",
		huge,
	} {
		expect(t, policy, get(origin), "actual_denied: malformed_origin")
		expect(t, policy, preflight(origin, "PUT"), "preflight_denied: malformed_origin")
	}
	expect(t, policy, preflight(app, "PUT\x00"), "preflight_denied: malformed_request_method")
	expect(t, policy, preflight(app, "\xff"), "preflight_denied: malformed_request_method")
	expect(t, policy, preflight(app, huge), "preflight_denied: method_not_allowed")
	expect(t, policy, preflight(app, "PUT", "x-one\x00"), "preflight_denied: malformed_request_headers")
	expect(t, policy, preflight(app, "PUT", huge), "preflight_denied: too_many_headers")

	hostile := get(app)
	hostile.Method, hostile.Path = "G\x00\xff"+huge, "/\x00\xff"+huge
	expect(t, policy, hostile, "actual_allowed")
}

func TestAPlanRendersItsLines(t *testing.T) {
	policy := newPolicy(t, onecors.Config{
		AllowOrigins:     []string{app, "https://*.example.org"},
		AllowCredentials: true,
		AllowHeaders:     []string{"*"},
		MaxAge:           onecors.Seconds(0),
		PreflightStatus:  200,
	})
	request := preflight("https://a.example.org", "POST", "x-one", "x-two")
	plan := policy.Plan(policy.Decide(request))
	if plan.Status() != 200 {
		t.Errorf("the status is %d", plan.Status())
	}
	var lines []string
	for name, value := range plan.Lines(request) {
		lines = append(lines, name+": "+value)
	}
	want := []string{
		"Access-Control-Allow-Origin: https://a.example.org",
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Headers: x-one, x-two",
		"Access-Control-Max-Age: 0",
		"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the lines are %q, not %q", lines, want)
	}
	if vary := slices.Collect(plan.Vary()); len(vary) != 3 || vary[0] != "Origin" {
		t.Errorf("the Vary tokens are %q", vary)
	}
	if first := slices.Collect(plan.Headers())[0]; first.Echo != onecors.SlotOrigin || first.Value != "" {
		t.Errorf("the first header is %+v, and does not echo the origin", first)
	}
	for range plan.Lines(request) {
		break // Stopping early is allowed.
	}
}

func TestPlansAreIndexedByVerdictsAndCannotBeChanged(t *testing.T) {
	policy := appPolicy(t)
	verdict := policy.Decide(get(app))
	render := func(plan onecors.Plan) string {
		return fmt.Sprint(plan.Status(), slices.Collect(plan.Headers()), slices.Collect(plan.Vary()))
	}
	plans := policy.Plans()
	before := render(policy.Plan(verdict))
	if render(plans[verdict.Plan()]) != before {
		t.Errorf("Plans()[%d] is %s, and Plan is %s", verdict.Plan(), render(plans[verdict.Plan()]), before)
	}
	clear(plans)
	headers := slices.Collect(policy.Plan(verdict).Headers())
	clear(headers)
	if after := render(policy.Plan(verdict)); after != before {
		t.Errorf("the plan was %s and is %s", before, after)
	}
}

func TestConfigSaysWhatADocumentSays(t *testing.T) {
	config := onecors.Config{Rules: []onecors.Config{
		{
			Name:             "app",
			Paths:            []string{"/app/*"},
			AllowOrigins:     []string{app, "http://app.example.com"},
			AllowCredentials: true,
			AllowMethods:     []string{"PUT"},
			AllowHeaders:     []string{"authorization"},
			ExposeHeaders:    []string{"etag"},
			MaxAge:           onecors.Seconds(60),
			PreflightStatus:  200,
			DangerouslyAllow: []string{"insecure_origins"},
		},
		{
			Paths:              []string{"/previews/{name}"},
			AllowOrigins:       []string{"https://www.example.com"},
			AllowOriginRegexes: []string{`https://pr-[0-9]+\.preview\.example\.net`},
		},
	}}
	document := `{"rules": [
		{"name": "app", "paths": ["/app/*"],
		 "allow_origins": ["https://app.example.com", "http://app.example.com"],
		 "allow_credentials": true, "allow_methods": ["PUT"], "allow_headers": ["authorization"],
		 "expose_headers": ["etag"], "max_age": 60, "preflight_status": 200,
		 "dangerously_allow": ["insecure_origins"]},
		{"paths": ["/previews/{name}"],
		 "allow_origins": ["https://www.example.com", {"regex": "https://pr-[0-9]+\\.preview\\.example\\.net"}]}
	]}`
	fromConfig := newPolicy(t, config)
	fromDocument, err := onecors.Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := fmt.Sprint(fromConfig.Plans()), fmt.Sprint(fromDocument.Plans()); a != b {
		t.Errorf("the plans are\n%s, not\n%s", a, b)
	}
	for _, path := range []string{"/app/x", "/previews/x", "/other"} {
		for _, origin := range []string{
			app, "http://app.example.com", "https://pr-7.preview.example.net", "https://www.example.com",
		} {
			request := preflight(origin, "PUT", "authorization")
			request.Path = path
			if a, b := fromConfig.Decide(request), fromDocument.Decide(request); a != b {
				t.Errorf("%s from %s: %v, not %v", path, origin, a, b)
			}
		}
	}
}

func TestAbsentOptionsAreAbsentKeys(t *testing.T) {
	for _, test := range []struct {
		config  onecors.Config
		problem string
	}{
		{onecors.Config{}, "missing_key /allow_origins"},
		{onecors.Config{AllowOrigins: []string{}}, "empty_list /allow_origins"},
		{onecors.Config{AllowOriginRegexes: []string{}}, "empty_list /allow_origins"},
		{onecors.Config{Rules: []onecors.Config{}}, "empty_list /rules"},
		{onecors.Config{Rules: []onecors.Config{{AllowOrigins: []string{app}}}}, "missing_key /rules/0/paths"},
		{onecors.Config{AllowOrigins: []string{app}, AllowOriginRegexes: []string{"("}}, "invalid_regex /allow_origins/1"},
		{onecors.Config{AllowOrigins: []string{app}, MaxAge: onecors.Seconds(-1)}, "max_age_out_of_bounds /max_age"},
		{onecors.Config{AllowOrigins: []string{app}, PreflightStatus: 404}, "preflight_status_out_of_bounds /preflight_status"},
		{onecors.Config{AllowOrigins: []string{"https://\xff.example"}}, "non_ascii_origin /allow_origins/0"},
	} {
		_, err := onecors.New(test.config)
		problems := problemsOf(t, err)
		if len(problems) != 1 || problems[0].Code+" "+problems[0].Pointer != test.problem {
			t.Errorf("%+v: the problems are %+v, not %s", test.config, problems, test.problem)
		}
	}
}

func TestEveryProblemIsListed(t *testing.T) {
	policy, err := onecors.Parse([]byte(`{
		"allow_origins": ["https://app.example.com/", "localhost:3000"],
		"max_age": 100000
	}`))
	if policy != nil {
		t.Error("a policy with problems was built")
	}
	var codes []string
	for _, problem := range problemsOf(t, err) {
		codes = append(codes, problem.Code+" "+problem.Pointer)
		if problem.Message == "" {
			t.Errorf("%s has no message", problem.Code)
		}
		for _, text := range []string{problem.Message, problem.Code, problem.Pointer, problem.Help} {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("the error does not say %q:\n%v", text, err)
			}
		}
	}
	slices.Sort(codes)
	want := []string{
		"max_age_out_of_bounds /max_age",
		"missing_scheme /allow_origins/1",
		"trailing_slash /allow_origins/0",
	}
	if !slices.Equal(codes, want) {
		t.Errorf("the problems are %q, not %q", codes, want)
	}
}

func TestLoadReadsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(path, []byte(`{"allow_origins": ["`+app+`"]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	policy, err := onecors.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, policy, get(app), "actual_allowed")
}

func TestLoadNamesTheFileOfABadDocument(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.json")
	for _, test := range []struct{ name, document, code string }{
		{"text that is no JSON", "allow everything", "invalid_json"},
		{"no text", "", "invalid_json"},
		{"invalid UTF-8", "{\"allow_origins\": [\"https://a\xff.example\"]}", "invalid_json"},
		{"a byte order mark", "\xef\xbb\xbf{\"allow_origins\": [\"" + app + "\"]}", "invalid_json"},
		{"a NUL", "{\"allow_origins\": [\"" + app + "\"]}\x00", "invalid_json"},
		{"a repeated key", `{"allow_origins": ["` + app + `"], "allow_origins": ["*"]}`, "repeated_key"},
		{"deep nesting", strings.Repeat("[", 10_000), "invalid_json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(test.document), 0o666); err != nil {
				t.Fatal(err)
			}
			checkBadFile(t, path, test.code)
		})
	}
	t.Run("a file that is too large", func(t *testing.T) {
		if err := os.Truncate(path, 100<<20); err != nil {
			t.Fatal(err)
		}
		checkBadFile(t, path, "document_too_large")
	})
}

func checkBadFile(t *testing.T, path, code string) {
	t.Helper()
	policy, err := onecors.Load(path)
	if policy != nil {
		t.Error("a policy with problems was built")
	}
	problems := problemsOf(t, err)
	if len(problems) != 1 || problems[0].Code != code {
		t.Errorf("the problems are %+v, not %s", problems, code)
	}
	if err != nil && !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("the error does not begin with the path: %v", err)
	}
}

func TestLoadFailsAsOpenAndReadDo(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, filepath.Join(folder, "missing.json"), "policy\x00.json", ""} {
		policy, err := onecors.Load(path)
		var bad *fs.PathError
		if policy != nil || !errors.As(err, &bad) || bad.Path != path {
			t.Errorf("%q: the error is no *fs.PathError of this path: %v", path, err)
		}
	}
	if _, err := onecors.Load(filepath.Join(folder, "missing.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file is not fs.ErrNotExist: %v", err)
	}
}

func TestAPolicyThatIsNilOrClosedDenies(t *testing.T) {
	closed := appPolicy(t)
	allowed := closed.Decide(get(app))
	for range 2 {
		if err := closed.Close(); err != nil {
			t.Error(err)
		}
	}
	var none *onecors.Policy
	if err := none.Close(); err != nil {
		t.Error(err)
	}
	for name, policy := range map[string]*onecors.Policy{"closed": closed, "nil": none, "zero": {}} {
		for _, request := range []onecors.Request{get(app), get(), preflight(app, "PUT"), {}} {
			verdict := policy.Decide(request)
			if verdict != onecors.VerdictFailed || verdict.String() != "actual_denied" {
				t.Errorf("a %s policy answers %v", name, verdict)
			}
			for name, value := range policy.Plan(verdict).Lines(request) {
				t.Errorf("a %s policy sends %s: %s", name, name, value)
			}
		}
		if explanation, err := policy.Explain(get(app)); !errors.Is(err, onecors.ErrClosed) {
			t.Errorf("a %s policy explains: %v, %v", name, explanation, err)
		}
	}
	if none.Plans() != nil {
		t.Error("nil has plans")
	}
	if plan := closed.Plan(allowed); len(slices.Collect(plan.Headers())) == 0 {
		t.Error("the plans of verdicts given before went with the policy")
	}
}

func TestCloseWhileDeciding(t *testing.T) {
	for range rounds(200) {
		policy := appPolicy(t)
		allowed := policy.Decide(get(app))
		begin := make(chan struct{})
		var deciding sync.WaitGroup
		for range 4 {
			deciding.Add(1)
			go func() {
				defer deciding.Done()
				<-begin
				for range 50 {
					if verdict := policy.Decide(get(app)); verdict != allowed && verdict != onecors.VerdictFailed {
						t.Errorf("the verdict is %v", verdict)
					}
				}
			}()
		}
		close(begin)
		if err := policy.Close(); err != nil {
			t.Error(err)
		}
		if verdict := policy.Decide(get(app)); verdict != onecors.VerdictFailed {
			t.Errorf("after Close the verdict is %v", verdict)
		}
		deciding.Wait()
	}
}

func TestOnePolicyServesManyGoroutines(t *testing.T) {
	policy := appPolicy(t)
	requests := []onecors.Request{
		get(),
		get(app),
		get("https://evil.example"),
		preflight(app, "PUT", "x-one", "x-two"),
		preflight(app, "DELETE"),
	}
	verdicts := make([]onecors.Verdict, len(requests))
	for i, request := range requests {
		verdicts[i] = policy.Decide(request)
	}
	var deciding sync.WaitGroup
	for range 8 {
		deciding.Add(1)
		go func() {
			defer deciding.Done()
			for range rounds(200) {
				for i, request := range requests {
					if verdict := policy.Decide(request); verdict != verdicts[i] {
						t.Errorf("the verdict is %v, not %v", verdict, verdicts[i])
					}
				}
				if _, err := policy.Explain(requests[1]); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	deciding.Wait()
}

func TestDecideAllocatesNothing(t *testing.T) {
	policy := appPolicy(t)
	huge := strings.Repeat("a,", 1<<20)
	for _, request := range []onecors.Request{
		{},
		get(),
		get(app),
		get("https://evil.example"),
		get(huge),
		preflight(app, "PUT"),
		preflight(app, "PUT", "x-one,x-two"),
		preflight(app, "DELETE"),
		preflight(app, "PUT", huge),
	} {
		var verdict onecors.Verdict
		if allocations := testing.AllocsPerRun(100, func() { verdict = policy.Decide(request) }); allocations != 0 {
			t.Errorf("%v takes %v allocations", verdict, allocations)
		}
	}
	request := get(app)
	var length int
	if allocations := testing.AllocsPerRun(100, func() {
		for name, value := range policy.Plan(policy.Decide(request)).Lines(request) {
			length += len(name) + len(value)
		}
	}); allocations != 0 {
		t.Errorf("rendering takes %v allocations", allocations)
	}
}

// A caller's strings may be on its stack: the compiler is told that C does not keep them.
func TestStringsOnTheStack(t *testing.T) {
	policy := appPolicy(t)
	buffer := bytes.Clone([]byte(app))
	var verdict onecors.Verdict
	if allocations := testing.AllocsPerRun(100, func() {
		origin := [1]string{string(buffer)}
		verdict = policy.Decide(onecors.Request{Method: "GET", Origin: origin[:]})
	}); allocations != 0 || verdict.Outcome() != onecors.ActualAllowed {
		t.Errorf("%v takes %v allocations", verdict, allocations)
	}
}
