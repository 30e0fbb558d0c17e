#include "media/units.h"

#include "media/nal.h"

static const uint8_t *find_start_code(const uint8_t *at, const uint8_t *end)
{
	for (; end - at >= 3; at++)
		if (!at[0] && !at[1] && at[2] == 1)
			return at;
	return end;
}

bool units_next(struct units *units)
{
	const uint8_t *at = units->data;
	size_t len = 0;

	if (units->prefix == NAL_ANNEX_B) {
		at = find_start_code(at, units->end);
		if (units->end - at <= 3)
			return false;
		units->unit = at + 3;
		units->data = find_start_code(units->unit, units->end);
		for (at = units->data; at > units->unit && !at[-1]; at--)
			continue; /* leave out the zeros before the next code */
		units->size = (size_t)(at - units->unit);
		return true;
	}
	if (units->end - at <= units->prefix)
		return false;
	for (unsigned i = 0; i < units->prefix; i++)
		len = len << 8 | *at++;
	if (len == 0 || len > (size_t)(units->end - at))
		return false;
	units->unit = at;
	units->size = len;
	units->data = at + len;
	return true;
}
