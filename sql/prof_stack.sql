-- prof_stack(node), prof_stack(node, profile): the frames of a stack, leaf first. With a profile's id,
-- lines and addresses are those of its build.
CREATE TABLE prof_stack(
	depth INTEGER, -- 0: the leaf
	function TEXT, -- name
	file TEXT, -- source file
	rel_line INTEGER, -- line, from the first line of the function
	line INTEGER, -- in the file; NULL without a profile
	address INTEGER, -- from the start of its mapping; NULL without a profile
	inlined INTEGER, -- 1: inlined into the next row's function
	node HIDDEN, -- argument
	of_profile HIDDEN -- argument
)
