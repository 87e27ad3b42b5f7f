# Functions without a file, and locations without a function.
wire '1{1:1 2:2} 2{1[1] 2[7]} 2{1[2] 2[5]} 4{1:1 4{1:1 2:4}} 4{1:2} 5{1:1 2:3} 6"" 6"cpu" 6"nanoseconds" 6"f"' >f
prof list '.*' f
prof list . f
