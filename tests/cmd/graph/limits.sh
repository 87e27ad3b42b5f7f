# Graphs that are too much for a picture.
wide() { # N functions, each calling the M that follow it
	local n=$1 m=$2 strings=('6""' '6"cpu"' '6"ns"') parts=() i k
	for ((i = 1; i <= n; i++)); do
		strings+=("6\"f$i\"")
		parts+=("4{1:$i 4{1:$i}}" "5{1:$i 2:$((i + 2))}")
		for ((k = i + 1; k <= i + m && k <= n; k++)); do parts+=("2{1[$k $i] 2[1]}"); done
	done
	wire '1{1:1 2:2}' "${parts[@]}" "${strings[@]}"
}
wide 501 1 >chain
prof graph --no-trim -o out.svg chain; echo "$?"
[ -e out.svg ] || echo nothing written
prof graph --no-trim -n 500 chain | grep -c '^N[0-9]* \['
prof graph -o out.svg chain; echo "$?"
prof graph --no-trim --force -o out.svg chain; echo "$?"
grep -c 'class="node"' out.svg
wide 300 60 >thick
prof graph --no-trim --timeout=1 -o thick.svg thick; echo "$?"
[ -e thick.svg ] || echo nothing written
