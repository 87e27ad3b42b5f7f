f=$TESTDATA/annotations.trace
prof trace events "$f"
# Filters.
prof trace events --goroutine 1 --kind 'Task|Region|Log' "$f" | head -4
prof trace events --focus 'chanrecv' --from 350us --to 360us "$f"
prof trace events -p 1 --kind Proc "$f"
prof trace events --kind '(' "$f"; echo "$?"
# As JSON each event is a row.
prof trace events --json "$f" | json rows rows.2.kind rows.2.goroutine rows.2.to rows.3.metric rows.3.value damage
# What GODEBUG=traceallocfree=1 adds.
prof trace events --kind 'SpanAlloc|HeapObjectAlloc|StackFree' --to 100us "$TESTDATA/allocfree.trace" | head -12
prof trace events --json --kind HeapObjectAlloc "$TESTDATA/allocfree.trace" | json rows.0.memory rows.0.change rows.0.address rows.0.bytes rows.0.type rows
# What is left of a damaged one.
head -c 2000 "$f" >cut
prof trace events --kind Sync cut; echo "$?"
prof trace events --json cut 2>/dev/null | json damage.0.offset rows
