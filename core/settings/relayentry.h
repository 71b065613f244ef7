// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/complaint.h"
#include "settings/settings.h"

#include <QtCore/QJsonObject>

#include <optional>

namespace restante::settings
{

/// Which part of an association is wrong, for the field beside which it is shown.
enum class RelayPart { Relay, Url, Pin, Destination, Petname };

struct RelayProblem {
    RelayPart part;
    Complaint complaint;
};

/// One association as it is written, in the file, in --set and in the fields of the dialog.
struct RelayTexts {
    QString relay;
    QString url; ///< may be empty, as the following ones
    QString pin; ///< 64 hexadecimal digits
    QString destination;
    QString petname;
    bool overlay = false;
};

/// Reads each part by itself; the first that cannot be read is the problem.
std::optional<RelayProblem> parse(const RelayTexts &texts, RelayEntry &out);
/// An empty text for none, or the 64 hexadecimal digits of a SHA-256.
MaybeComplaint parsePin(const QString &text, QByteArray &out);

/// What is wrong with one association although each part can be read; nothing when it can be used. `http://` goes only
/// to a loopback address, or over a network that encrypts, and has no pin. Without a URL the relay is found by its
/// name, which then must not be one that is a key.
std::optional<RelayProblem> relayProblem(const RelayEntry &entry);

QJsonObject relayToJson(const RelayEntry &entry);
/// False if a member has another type.
bool relayFromJson(const QJsonObject &object, RelayTexts &texts);
/// One association of --set: `RELAY`, `RELAY URL` or `RELAY URL DESTINATION`. False for more or fewer words.
bool relayFromText(const QString &text, RelayTexts &texts);

} // namespace restante::settings
