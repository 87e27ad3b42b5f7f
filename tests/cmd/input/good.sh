# The file that the others here break.
wire profile >f
prof top --lines f
