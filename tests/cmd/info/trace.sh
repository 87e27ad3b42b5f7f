prof info "$TESTDATA/annotations.trace"
prof info --json "$TESTDATA/annotations.trace" | json kind version events goroutines threads damages can_tell.0
head -c 2000 "$TESTDATA/annotations.trace" >cut
prof info cut; echo "$?"
