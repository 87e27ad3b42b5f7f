-- prof_functions(), prof_functions(service): the functions that profiles of the archive have.
CREATE TABLE prof_functions(
	service TEXT, -- its name
	name TEXT, -- of the function
	system_name TEXT, -- as the linker knows it
	file TEXT, -- source file
	of_service HIDDEN -- argument: a service's name
)
