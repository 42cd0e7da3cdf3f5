// How far a robot is past its review date. In the host; pure.
//
//     fine ── its review date passes ──► past      somebody active owns it: reminded once a week
//                                    └─► asked ── warn_days ──► warned ── stop_days ──► stopped   nobody does
//
// It never stops in the midst of a month end: a day from `month_end_from` to the next month's `month_end_to` is passed
// over. Once it has stopped it stays so until somebody reviews it.
#ifndef RENKI_HOST_LIFE_STAGE_H
#define RENKI_HOST_LIFE_STAGE_H

#include "lib/manifest/manifest.h"

enum life_stage { LIFE_FINE, LIFE_PAST, LIFE_ASKED, LIFE_WARNED, LIFE_STOPPED };
const char *life_stage_name(enum life_stage stage); // "fine" …

// *stops: the day from which on it takes no new scheduled runs, where nobody reviews it.
enum life_stage life_stage(struct date *stops, const struct life_rule *rule, struct date review,
                           bool owner_active, struct date today);

#endif
