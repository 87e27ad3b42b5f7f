# Formats by name and by ending, sizes, and what is refused.
f=$TESTDATA/checkout.after.cpu.pb.gz
prof flame $f | head -n 1 | cut -c 1-40
for end in svg html htm folded collapsed speedscope.json json; do
	prof flame -o got.$end $f && echo "$end: $(head -c 15 got.$end | head -n 1)"
done
prof flame --html $f | cmp - got.html && prof flame --svg $f | cmp - got.svg && echo same
boxes() {
	prof flame "$@" $f | grep -c '^<rect class="p'
}
echo "$(boxes) $(boxes --min_width=5) $(boxes --min_width=5px) $(boxes --min_width=1%) $(boxes --max_boxes=7) $(boxes --width=300)"
prof flame --min_width=wide $f
prof flame --min_width=-1 $f
prof flame --min_width=3% --width=1 $f
prof flame --mean $f
prof flame --format=text $f
prof flame --normalize $f
prof flame --base=$f --diff_base=$f $f
prof flame -o nothing.svg nothing.pb.gz
prof flame -o nothing.svg --sample_index=nothing $f
ls nothing.svg
prof flame --focus=nothing.like.it $f | grep -o 'no samples'
script -qec "prof flame $f" /dev/null </dev/null | tr -d '\r'
