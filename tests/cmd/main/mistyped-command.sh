prof tpo x; echo "$?"
prof dif x; echo "$?"
prof frobnicate x; echo "$?"
prof '' x; echo "$?"
