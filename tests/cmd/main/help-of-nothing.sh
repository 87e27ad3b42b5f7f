prof help tpo
