# Microseconds against nanoseconds: the finer one for both.
u() { wire '1{1:1 2:2}' '2{1[1] 2[7]}' '4{1:1 4{1:1}}' '5{1:1 2:3}' '6""' '6"cpu"' "6\"$1\"" '6"main.f"' >$1; }
u nanoseconds; u microseconds; u bytes; u kilobytes; u count; u wibbles
profdiff microseconds nanoseconds; echo "$?"
profdiff bytes kilobytes | tail -n 2
profdiff count nanoseconds; echo "$?"
profdiff wibbles wibbles | tail -n 1
