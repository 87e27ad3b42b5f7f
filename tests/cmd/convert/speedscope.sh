prof convert -o s.speedscope.json $TESTDATA/leaky.heap.t3.pb.gz
json '$schema' exporter name activeProfileIndex shared.frames profiles profiles.0.type profiles.0.name profiles.0.unit \
	profiles.1.unit profiles.2.samples profiles.2.weights profiles.3.name profiles.3.weights.0 profiles.3.endValue <s.speedscope.json
json -k '' profiles.0 shared.frames.1 <s.speedscope.json
prof convert --to=speedscope --lines --sample_index=alloc_space $TESTDATA/leaky.heap.t3.pb.gz | json activeProfileIndex shared.frames.1
