// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/eventwords.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QStringList>

#include <algorithm>
#include <iterator>

namespace restante::ui
{

namespace
{
struct EventWords {
    Q_DECLARE_TR_FUNCTIONS(EventWords)
};

struct WordsOf {
    const char *type;
    const char *single;  ///< one event by itself
    const char *counted; ///< in a list, with its number
};

constexpr WordsOf Words[] = {
    {"m.room.message", QT_TRANSLATE_NOOP("EventWords", "Message"), QT_TRANSLATE_N_NOOP("EventWords", "%Ln message(s)")},
    {"m.room.encrypted", QT_TRANSLATE_NOOP("EventWords", "Encrypted message"),
     QT_TRANSLATE_N_NOOP("EventWords", "%Ln encrypted message(s)")},
    {"m.sticker", QT_TRANSLATE_NOOP("EventWords", "Sticker"), QT_TRANSLATE_N_NOOP("EventWords", "%Ln sticker(s)")},
    {"m.reaction", QT_TRANSLATE_NOOP("EventWords", "Reaction"), QT_TRANSLATE_N_NOOP("EventWords", "%Ln reaction(s)")},
    {"m.room.redaction", QT_TRANSLATE_NOOP("EventWords", "Deletion"),
     QT_TRANSLATE_N_NOOP("EventWords", "%Ln deletion(s)")},
    {"m.room.member", QT_TRANSLATE_NOOP("EventWords", "Membership change"),
     QT_TRANSLATE_N_NOOP("EventWords", "%Ln membership change(s)")},
    {"m.room.create", QT_TRANSLATE_NOOP("EventWords", "New room"),
     QT_TRANSLATE_N_NOOP("EventWords", "%Ln new room(s)")},
    {"m.typing", QT_TRANSLATE_NOOP("EventWords", "Typing"), QT_TRANSLATE_N_NOOP("EventWords", "typing (%Ln)")},
    {"m.presence", QT_TRANSLATE_NOOP("EventWords", "Presence"), QT_TRANSLATE_N_NOOP("EventWords", "presence (%Ln)")},
    {"m.receipt", QT_TRANSLATE_NOOP("EventWords", "Read receipts"),
     QT_TRANSLATE_N_NOOP("EventWords", "read receipts (%Ln)")},
    {"m.direct_to_device", QT_TRANSLATE_NOOP("EventWords", "Message to devices"),
     QT_TRANSLATE_N_NOOP("EventWords", "%Ln message(s) to devices")},
    {"m.device_list_update", QT_TRANSLATE_NOOP("EventWords", "Device list"),
     QT_TRANSLATE_N_NOOP("EventWords", "%Ln device list(s)")},
    {"m.signing_key_update", QT_TRANSLATE_NOOP("EventWords", "Signing keys"),
     QT_TRANSLATE_N_NOOP("EventWords", "%Ln set(s) of signing keys")},
};
constexpr WordsOf RoomSetting = {"m.room.", QT_TRANSLATE_NOOP("EventWords", "Room setting"),
                                 QT_TRANSLATE_N_NOOP("EventWords", "%Ln room setting(s)")};
constexpr WordsOf Call = {"m.call.", QT_TRANSLATE_NOOP("EventWords", "Call signal"),
                          QT_TRANSLATE_N_NOOP("EventWords", "%Ln call signal(s)")};
constexpr WordsOf Other = {"", "", QT_TRANSLATE_N_NOOP("EventWords", "%Ln other event(s)")};
constexpr WordsOf OtherEdu = {"", "", QT_TRANSLATE_N_NOOP("EventWords", "%Ln other notice(s)")};

const WordsOf &wordsFor(const matrix::EventSummary &event)
{
    const auto row = std::find_if(std::begin(Words), std::end(Words), [&](const WordsOf &candidate) {
        return event.type == QLatin1String(candidate.type);
    });
    if (row != std::end(Words))
        return *row;
    if (event.type.startsWith(QLatin1String(RoomSetting.type)))
        return RoomSetting;
    if (event.type.startsWith(QLatin1String(Call.type)))
        return Call;
    return event.edu ? OtherEdu : Other;
}

} // namespace

QString contentsInWords(const std::vector<matrix::EventSummary> &events, int pdus, int edus)
{
    std::vector<std::pair<const WordsOf *, int>> counts;
    for (const auto &event : events) {
        const WordsOf *words = &wordsFor(event);
        const auto known = std::find_if(counts.begin(), counts.end(), [&](const auto &c) { return c.first == words; });
        if (known == counts.end())
            counts.emplace_back(words, 1);
        else
            ++known->second;
    }
    QStringList parts;
    for (const auto &count : counts)
        parts.append(EventWords::tr(count.first->counted, nullptr, count.second));
    if (const int rest = pdus + edus - int(events.size()); rest > 0)
        parts.append(EventWords::tr("%Ln more", nullptr, rest));
    if (parts.isEmpty())
        return EventWords::tr("nothing");
    //: Between the parts of a list
    return parts.join(EventWords::tr(", "));
}

QString eventInWords(const matrix::EventSummary &event)
{
    const WordsOf &words = wordsFor(event);
    if (&words == &Other || &words == &OtherEdu)
        return event.type;
    return EventWords::tr(words.single);
}

} // namespace restante::ui
