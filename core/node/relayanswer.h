// SPDX-License-Identifier: GPL-3.0-or-later
// What a relay answered instead of what was asked for, in its own words. Pure functions; any thread.
#pragma once

#include "base/result.h"
#include "federation/caller.h"
#include "matrix/jsonscan.h"

namespace restante::node
{

/// Longest quotation of a relay's own words, in characters.
inline constexpr qsizetype MostQuoted = 200;

/// The answer for one line on a screen: `403 M_FORBIDDEN: This relay does not act for that server`. Of a body that is
/// no Matrix error only the status is told. Bounded; characters that could disturb a terminal are replaced.
QString answerText(const federation::Response &response);

/// Whether a relay says with it that it has taken what was left there: 200 with a JSON object that names no error, or
/// with `null` as Dendrite does. What else answers 200, such as the page of a captive portal, has kept nothing.
bool isTaken(const federation::Response &response);
/// Whether a server says with it that it has taken a transaction: 200 with a JSON object that names no error. What
/// became of the events (`pdus`) need not be in it: Synapse asks for no more, and what was taken must not be sent
/// again.
bool isTakenDirectly(const federation::Response &response);
/// Whether a 200 names an error all the same: such an answer is a refusal, whatever else stands in it.
bool namesError(const matrix::ScannedObject &body);

/// An answer that is not what was asked for, as an error: Refused (401, 403), NotFound (404, 405), Busy (429, 503) or
/// BadAnswer. The detail quotes it; `retryAfterMs` is its Retry-After, an hour at most.
Error refusalOf(const federation::Response &response);
/// Whether the relay answered, but with something else than what was asked for.
bool isRefusal(const Error &error);

} // namespace restante::node
