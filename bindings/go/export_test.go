package onecors

// DecideByEngine is Decide without what is decided on Go's side.
func DecideByEngine(p *Policy, request Request) Verdict {
	return p.native.Load().decide(&request)
}

// KnownWithoutC returns whether a verdict can be had without C, and it is the engine's but for the
// reason of a denial.
func KnownWithoutC(p *Policy, request Request) (known, right bool) {
	verdict, known := p.decideWithoutC(&request)
	byEngine := DecideByEngine(p, request)
	return known, verdict == byEngine || verdict.denies() && verdict == byEngine.withoutReason()
}
