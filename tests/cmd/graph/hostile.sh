# Nothing in a name ends a string, a tag or a picture.
names=('say \"hi\" \\' 'a\x0ab\x1b[31m\x00c' '<script>alert(1)</script>' '\"]; N1 -> N1 [label=\"' '&lt;&foo;&#38; & <b>' \
	'\xff\xc3\xe2\x80\xae' ']]>-->' '\\N\\G\\l' "$(printf 'long%.0s' {1..500})" '{|}' '...' '::' '[...]')
strings=('6""' '6"cpu\"]"' '6"na\"no"' '6"/a/b\"\\\\\x0ac"') samples=() functions=() stack=
for i in "${!names[@]}"; do
	strings+=("6\"${names[i]}\"")
	stack+=" $((i + 1))"
	samples+=("2{1[$stack] 2[$((i + 1))] 3{1:$((i + 4)) 2:$((i + 4))}}" "4{1:$((i + 1)) 2:1 4{1:$((i + 1))}}")
	functions+=("5{1:$((i + 1)) 2:$((i + 4))}")
done
wire '1{1:1 2:2}' "${samples[@]}" '3{1:1 3:4096 5:3}' "${functions[@]}" "${strings[@]}" >p
prof graph p | cut -c 1-600
prof graph -o out.svg p && xmllint --noout --nonet out.svg && echo well-formed
grep '<title>' out.svg | cut -c 1-200
prof graph --lines --call_tree -o out.svg p && xmllint --noout --nonet out.svg && echo well-formed
prof graph -o out.png p && head -c 4 out.png | tail -c 3
