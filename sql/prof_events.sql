-- prof_events(path): the events of an execution trace that is a file, in the order of time.
CREATE TABLE prof_events(
	t_ns INTEGER, -- from the start of the trace
	event TEXT, -- its name in the file: GoCreate, GoBlock, HeapAlloc …; NULL: none of its own
	kind TEXT, -- sync gap goroutine proc range metric task region log label sample experiment
	goroutine INTEGER, -- where it happened, before it
	proc INTEGER, -- likewise
	thread INTEGER, -- likewise
	subject INTEGER, -- the goroutine or proc that it is about, its id
	old TEXT, -- of a goroutine or proc: state
	new TEXT, -- likewise
	name TEXT, -- reason, type, category, label
	text TEXT, -- a log's message
	value INTEGER, -- of a metric; of tasks, regions and logs the task's id
	stack TEXT, -- functions, root first, joined by ;
	path HIDDEN -- argument
)
