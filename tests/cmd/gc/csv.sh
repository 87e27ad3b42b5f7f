prof gc --format=csv $TESTDATA/gcpace.gogc100.log >f.csv
head -4 f.csv | tr -d '\r'
wc -l <f.csv
prof gc -o g.csv $TESTDATA/gcpace.gogc100.log && cmp f.csv g.csv && echo same
