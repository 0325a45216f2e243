package onecors

// DecideByEngine is Decide without what is decided on Go's side.
func DecideByEngine(p *Policy, request Request) Verdict {
	return p.native.Load().decide(&request)
}
