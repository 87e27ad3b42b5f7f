# Names in a profile end no code, cell, row, comment or fold, and notify nobody.
names=('a|b' 'a`b' 'a``b|c' 'a\\|b' 'a\\' '<script>alert(1)</script>' '</details>' '-->' '```' '~~~' '@someone' \
	'#12 GH-12 o/r#12' '![x](http://h/)' 'a\x0a| b |' '*b* _i_ **x**' '\xe2\x80\xaered\xff' ' ' '&lt;' "$(printf 'long%.0s' {1..60})")
strings=('6""' '6"cpu--><b>@all|`"' '6"na|no@sec`"') samples=() functions=()
for i in "${!names[@]}"; do
	strings+=("6\"${names[i]}\"")
	samples+=("2{1[$((i + 1))] 2[$((20 - i))]}" "4{1:$((i + 1)) 4{1:$((i + 1))}}")
	functions+=("5{1:$((i + 1)) 2:$((i + 3))}")
done
wire '1{1:1 2:2}' "${samples[@]}" "${functions[@]}" "${strings[@]}" >'#1 @old|`.pb'
wire '1{1:1 2:2}' "${strings[@]}" >new.pb
profdiff -n 0 --md '#1 @old|`.pb' new.pb >md; echo "$?"
cat md
