: >empty
echo hello >none
prof gc; echo "$?"
prof gc empty; echo "$?"
prof gc none; echo "$?"
prof gc nowhere; echo "$?"
prof gc $TESTDATA/leaky.heap.t3.pb.gz; echo "$?"
cp $TESTDATA/gcpace.gogc100.log f
prof gc --what-if gogc f; echo "$?"
prof gc --what-if gogc=5x f; echo "$?"
prof gc --what-if gogc=50+gogc=100 f; echo "$?"
prof gc --what-if gogc=50+limit=1GiB f; echo "$?"
prof gc --threshold pauses=1ms f; echo "$?"
prof gc --threshold pause=1 f; echo "$?"
prof gc --threshold gc-cpu=1ms f; echo "$?"
prof gc --window=-1 f; echo "$?"
prof gc --gogc=-1 f; echo "$?"
prof gc --format=svgx f; echo "$?"
head -2 f | prof gc --what-if gogc=50 -; echo "$?"
gzip -c f | prof gc - | head -1
