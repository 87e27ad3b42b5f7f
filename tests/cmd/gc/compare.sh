a=$TESTDATA/gcpace.gogc100.log b=$TESTDATA/gcpace.gogc50.log
prof gc $a --new $b
prof gc --json $a --new $b >doc
json -k '' metrics.0 metrics.0.old gates <doc
json schema metrics.0 metrics.4 <doc
prof gc --json --fail_on 'cycles>50%' $a --new $b | json gates.0
prof gc $b --new $b | tail -11 | grep -c chance
prof gc --md $a --new $b | sed -n 1,8p
prof gc $a --new; echo "$?"
prof gc --new $b; echo "$?"
prof gc -o f.svg $a --new $b; echo "$?"
