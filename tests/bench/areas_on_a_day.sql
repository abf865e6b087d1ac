-- Areas of a day by district and controller, as `mapper area DAY --by district,controller --division DIVISION`.
-- Parameters: the day, the day up to which public knowledge counts (known), the division.
WITH come AS (
    SELECT face, controller, row_number() OVER (PARTITION BY face ORDER BY rank DESC) AS age
    FROM changes
    WHERE is_default AND best <= $day AND known <= $known AND (known_to IS NULL OR known_to > $known)
),
holder AS (
    SELECT face, controller FROM come WHERE age = 1
),
place AS (
    SELECT face, feature AS district
    FROM memberships
    WHERE layer = $division AND (used_from IS NULL OR used_from <= $day) AND (used_to IS NULL OR used_to > $day)
)
SELECT
    coalesce(place.district, '') AS district,
    coalesce(holder.controller, 'unknown') AS controller,
    CAST(sum(faces.area_m2) AS BIGINT) AS area_m2
FROM faces
LEFT JOIN place ON place.face = faces.face
LEFT JOIN holder ON holder.face = faces.face
GROUP BY coalesce(place.district, ''), coalesce(holder.controller, 'unknown')
ORDER BY district, controller
