package onecors

import "hash/maphash"

// uniform is what can be decided without a call into C, which costs more than the rest of a decision:
// of a policy that is one rule for every path, the verdict on requests without an Origin, the one on
// actual requests from its exact origins, and, where no pattern may allow more, those on requests from
// all other origins.
type uniform struct {
	notCORS       Verdict
	actualAllowed Verdict
	// actualDenied and preflightDenied are without their reason. They are VerdictFailed where a pattern
	// may allow what is not listed.
	actualDenied    Verdict
	preflightDenied Verdict
	origins         originIndex
}

// decide returns the verdict on a request of any path, without the reason of a denial, and whether it is
// known here.
func (u *uniform) decide(request *Request) (verdict Verdict, known bool) {
	if len(request.Origin) == 0 {
		return u.notCORS, true
	}
	if len(request.Origin) > 1 {
		return 0, false
	}
	mayBePreflight := request.Method == "OPTIONS"
	switch listed := u.origins.has(request.Origin[0]); {
	case listed:
		return u.actualAllowed, !mayBePreflight
	case mayBePreflight && len(request.AccessControlRequestMethod) > 0:
		return u.preflightDenied, u.preflightDenied != VerdictFailed
	default:
		return u.actualDenied, u.actualDenied != VerdictFailed
	}
}

// originIndex is a hash table of the engine's exact origins. The texts stay in the engine's memory; the
// table adds 8 to 16 bytes for each origin, without a pointer that the garbage collector would follow,
// and never changes. Nobody who sends a request can know the seed, and so fill one chain.
type originIndex struct {
	texts string
	// ends says where each text ends; it begins where the one before ends.
	ends []uint32
	// slots has the numbers of the origins, counted from 1, each at the place of its hash or in the next
	// one that is free. At least half of them are 0, which is none.
	slots []uint32
	seed  maphash.Seed
}

func newOriginIndex(texts string, ends []uint32) originIndex {
	size := 2
	for size < 2*len(ends) {
		size *= 2
	}
	index := originIndex{texts: texts, ends: ends, slots: make([]uint32, size), seed: maphash.MakeSeed()}
	for number := range ends {
		place := index.place(index.text(number))
		for index.slots[place] != 0 {
			place = index.after(place)
		}
		index.slots[place] = uint32(number) + 1
	}
	return index
}

func (i *originIndex) has(origin string) bool {
	for place := i.place(origin); i.slots[place] != 0; place = i.after(place) {
		if i.text(int(i.slots[place])-1) == origin {
			return true
		}
	}
	return false
}

func (i *originIndex) text(number int) string {
	start := uint32(0)
	if number > 0 {
		start = i.ends[number-1]
	}
	return i.texts[start:i.ends[number]]
}

func (i *originIndex) place(origin string) int {
	return int(maphash.String(i.seed, origin) & uint64(len(i.slots)-1))
}

func (i *originIndex) after(place int) int { return (place + 1) & (len(i.slots) - 1) }
