-- Areas of every day by district and controller, as `mapper timeline --from FIRST --to LAST --freq D
-- --by district,controller --division DIVISION`: what each day adds to and takes from the day before is summed up.
-- Parameters: the first and the last day, the day up to which public knowledge counts (known), the division.
-- `days` is a table of one column, `day`, that holds every day from the first to the last.
WITH told AS (
    SELECT face, rank, controller, best,
        row_number() OVER (PARTITION BY face, best ORDER BY rank DESC) AS age
    FROM changes
    WHERE is_default AND known <= $known AND (known_to IS NULL OR known_to > $known)
),
begun AS ( -- of several changes of a face on one day the last one decides; before the first nobody is known to hold
    SELECT face, controller, best AS from_day FROM told WHERE age = 1
    UNION ALL
    SELECT face, 'unknown', CAST('0001-01-01' AS DATE) FROM faces
),
spells AS (
    SELECT face, controller, from_day,
        coalesce(lead(from_day) OVER (PARTITION BY face ORDER BY from_day), CAST('9999-12-31' AS DATE)) AS to_day
    FROM begun
),
outlines AS (
    SELECT face, feature AS district,
        coalesce(used_from, CAST('0001-01-01' AS DATE)) AS from_day,
        coalesce(used_to, CAST('9999-12-31' AS DATE)) AS to_day
    FROM memberships
    WHERE layer = $division
),
no_outline AS ( -- days of a face before, between and after its outlines
    SELECT face, '' AS district, from_day, to_day
    FROM (
        SELECT face, gap_from AS from_day,
            coalesce(lead(outline_from) OVER (PARTITION BY face ORDER BY gap_from), CAST('9999-12-31' AS DATE)) AS to_day
        FROM (
            SELECT face, to_day AS gap_from, from_day AS outline_from FROM outlines
            UNION ALL
            SELECT face, CAST('0001-01-01' AS DATE), CAST('0001-01-01' AS DATE) FROM faces
        ) ends
    ) gaps
    WHERE from_day < to_day
),
pieces AS ( -- every face by the days on which both its holder and its district stand still
    SELECT spells.face, place.district, spells.controller,
        greatest(spells.from_day, place.from_day, $first) AS from_day,
        least(spells.to_day, place.to_day) AS to_day
    FROM spells
    JOIN (SELECT * FROM outlines UNION ALL SELECT * FROM no_outline) place
        ON place.face = spells.face AND place.from_day < spells.to_day AND spells.from_day < place.to_day
),
deltas AS (
    SELECT district, controller, day, sum(area_m2) AS delta
    FROM (
        SELECT district, controller, from_day AS day, area_m2
        FROM pieces JOIN faces ON faces.face = pieces.face
        WHERE from_day < to_day AND from_day <= $last
        UNION ALL
        SELECT district, controller, to_day AS day, -area_m2
        FROM pieces JOIN faces ON faces.face = pieces.face
        WHERE from_day < to_day AND to_day <= $last
    ) steps
    GROUP BY district, controller, day
),
levels AS (
    SELECT district, controller, day AS from_day,
        sum(delta) OVER (PARTITION BY district, controller ORDER BY day) AS area_m2,
        coalesce(lead(day) OVER (PARTITION BY district, controller ORDER BY day), CAST('9999-12-31' AS DATE)) AS to_day
    FROM deltas
)
SELECT days.day, levels.district, levels.controller, CAST(levels.area_m2 AS BIGINT) AS area_m2
FROM levels
JOIN days ON days.day >= levels.from_day AND days.day < levels.to_day
WHERE levels.area_m2 > 0
ORDER BY days.day, levels.district, levels.controller
