# Text that was asked for, and a full disk.
prof help >/dev/full
