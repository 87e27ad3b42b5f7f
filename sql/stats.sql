-- What the blobs of an archive hold: series, how many entries, bytes.
SELECT series AS what, sum(entries), sum(length(data)) FROM page GROUP BY series
UNION ALL
SELECT 100, count(*), sum(length(data)) FROM sample
UNION ALL
SELECT 101, count(*), sum(length(data)) FROM raw
ORDER BY what
