// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/relays/relaywords.h"

#include "matrix/servername.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/format.h"

#include <QtCore/QCoreApplication>

namespace restante::ui
{

namespace
{
struct RelayWords {
    Q_DECLARE_TR_FUNCTIONS(RelayWords)
};

using Relay = node::RelayStatus::State;
using Outcome = node::RelayReport::Outcome;
using Progress = node::RelayProgress::State;

QString saysYesButRefused(const QString &answer, qint64 refusedMs)
{
    //: A time, and what the relay answered then, in English
    return RelayWords::tr("It says that it takes mail for them, but it refused the last mail on %1 (%2).")
        .arg(exactTime(refusedMs), answer);
}
} // namespace

QString stateText(const node::RelayStatus &relay)
{
    switch (relay.state) {
    case Relay::Unknown:
        break;
    case Relay::Asking:
        return RelayWords::tr("Being asked");
    case Relay::Good:
        return RelayWords::tr("Works");
    case Relay::CannotSay:
        return RelayWords::tr("Answers");
    case Relay::NotHeld:
        return RelayWords::tr("Takes in no mail");
    case Relay::Paused:
        return RelayWords::tr("Paused");
    case Relay::Failing:
        return RelayWords::tr("Fails");
    }
    return relay.mine ? RelayWords::tr("Not asked") : RelayWords::tr("Not used");
}

Shape stateShape(Relay state)
{
    switch (state) {
    case Relay::Unknown:
        break;
    case Relay::Asking:
        return Shape::Arrows;
    case Relay::Good:
        return Shape::Disc;
    case Relay::CannotSay:
        return Shape::Square;
    case Relay::NotHeld:
        return Shape::Cross;
    case Relay::Paused:
        return Shape::Bars;
    case Relay::Failing:
        return Shape::Triangle;
    }
    return Shape::Ring;
}

QString relayErrorText(const Error &error)
{
    QString text;
    switch (error.code) {
    case Errc::Refused:
        text = RelayWords::tr("The relay refused.");
        break;
    case Errc::NotFound:
        text = RelayWords::tr("There is no relay at this address.");
        break;
    case Errc::Busy:
        text = RelayWords::tr("The relay cannot do it just now.");
        break;
    default:
        text = sentence(error);
    }
    //: A sentence, and the reason in English as the other side gave it
    return error.detail.isEmpty() ? text : RelayWords::tr("%1 (%2)").arg(text, error.detail);
}

QString problemText(const node::RelayStatus &relay)
{
    if (relay.error) {
        const QString text = relayErrorText(*relay.error);
        if (relay.failingSinceMs == 0)
            return text;
        return relay.reasonChanged()
                   //: A time, and a sentence that says what went wrong the last time
                   ? RelayWords::tr("It has been failing since %1, last: %2").arg(exactTime(relay.failingSinceMs), text)
                   //: A sentence that says what goes wrong, and a time
                   : RelayWords::tr("%1 Since %2.").arg(text, exactTime(relay.failingSinceMs));
    }
    if (!relay.refusal.isEmpty())
        return saysYesButRefused(relay.refusal, relay.refusedMs);
    if (relay.state == Relay::NotHeld)
        return RelayWords::tr("It answers, but takes in no mail for this server. Ask its operator to add it.");
    if (relay.state == Relay::Paused)
        return RelayWords::tr("It holds mail for this server, but says that it takes in none just now.");
    return {};
}

namespace
{
QString outcomeSentence(const node::RelayReport &report)
{
    switch (report.outcome) {
    case Outcome::Works:
        return report.mine
                   ? RelayWords::tr("The relay works: it answers, and it holds mail for this server.")
                   : RelayWords::tr("The relay works: it answers, and it takes mail from this server for them.");
    case Outcome::CannotSay:
        return report.mine ? RelayWords::tr("It answers, but cannot say whether it holds mail for this server.")
                           : RelayWords::tr("It answers, but cannot say whether it takes mail from this server.");
    case Outcome::NotHeld:
        return report.mine ? RelayWords::tr("The relay answers, but it holds no mail for this server. Ask its operator "
                                            "to add it.")
                           : RelayWords::tr("The relay answers, but it would not take mail from this server for them.");
    case Outcome::Paused:
        return RelayWords::tr("The relay holds mail for this server, but takes in nothing at the moment.");
    case Outcome::Unreachable:
        return RelayWords::tr("Nobody answers there. Check the address, and ask whether the relay is running.");
    case Outcome::AddressRefused:
        return RelayWords::tr("The address lies in a network that is not allowed. Allow the network in the settings "
                              "under Federation, if it is yours.");
    case Outcome::CertificateRefused:
        return RelayWords::tr("The certificate of the server there was refused.");
    case Outcome::NotAsked:
        return RelayWords::tr("The relay was not asked, because no certificate can be checked on this computer just "
                              "now.");
    case Outcome::WrongServer:
        return RelayWords::tr("The server there has another name, or could not check our key. Compare the relay's "
                              "name with its operator.");
    case Outcome::NotARelay:
        return RelayWords::tr("A server answers there, but it relays nothing. Check the address, or ask its operator "
                              "to switch relaying on.");
    case Outcome::Refused:
        return RelayWords::tr("The relay does not want this server. Ask its operator to add it.");
    case Outcome::Busy:
        return RelayWords::tr("The relay is there, but cannot answer just now. Try again later.");
    case Outcome::BadAnswer:
        break;
    }
    return RelayWords::tr("Something answers there that is not a relay. Check the address.");
}
} // namespace

QString outcomeText(const node::RelayReport &report)
{
    if (!report.refusal.isEmpty() && report.outcome == Outcome::Works)
        return saysYesButRefused(report.refusal, report.refusedMs);
    if (!report.refusal.isEmpty() && report.outcome == Outcome::CannotSay)
        //: A time, and what the relay answered then, in English
        return RelayWords::tr("It answers, but it refused the last mail for them on %1 (%2).")
            .arg(exactTime(report.refusedMs), report.refusal);
    const QString text = outcomeSentence(report);
    const bool fine = report.outcome == Outcome::Works && report.answer.isEmpty();
    if (fine || report.outcome == Outcome::CannotSay)
        return text;
    if (!report.answer.isEmpty())
        //: A sentence, and what the relay answered, in English
        return RelayWords::tr("%1 It answered: %2").arg(text, report.answer);
    if ((report.status == 0 || report.outcome == Outcome::BadAnswer) && !report.detail.isEmpty())
        //: A sentence, and the reason, in English
        return RelayWords::tr("%1 The reason: %2").arg(text, report.detail);
    return text;
}

QString progressText(const node::Sweep &sweep, const PetNames &names)
{
    QStringList asked;
    int done = 0;
    for (const auto &relay : sweep.relays) {
        if (relay.state == Progress::Asking)
            asked.append(names.called(relay.relay));
        else
            ++done;
    }
    const QString count = RelayWords::tr("%Ln piece(s) of mail so far", nullptr, pluralOf(sweep.collected()));
    if (asked.isEmpty())
        return RelayWords::tr("Retrieving: %1.").arg(count);
    constexpr qsizetype Named = 3;
    QString who = asked.mid(0, Named).join(RelayWords::tr(", "));
    if (asked.size() > Named)
        who += RelayWords::tr(" and %Ln more", nullptr, int(asked.size() - Named));
    //: %1 is a number of pieces of mail, %2 of relays that are done, %3 of all relays, %4 names of relays
    return RelayWords::tr("Retrieving: %1, %2 of %3 relays done, asking %4.")
        .arg(count, countText(done), countText(sweep.relays.size()), who);
}

QString resultText(const node::Sweep &sweep, const PetNames &names)
{
    if (sweep.startedMs == 0 || sweep.running)
        return {};
    qint64 fresh = 0;
    int answered = 0; // a relay that failed or was left in between may have handed out something before
    int failed = 0;
    QStringList failures;
    for (const auto &relay : sweep.relays) {
        fresh += relay.fresh;
        answered += relay.state == Progress::Done || relay.collected > 0 ? 1 : 0;
        failed += relay.state == Progress::Failed ? 1 : 0;
        //: The name of a relay, and a sentence that says why it failed
        if (relay.error)
            failures.append(RelayWords::tr("%1: %2").arg(names.called(relay.relay), relayErrorText(*relay.error)));
    }
    const QString from = RelayWords::tr("from %Ln relay(s)", nullptr, answered);
    //: %1 is "from 3 relays"
    QString text = fresh == 0 ? RelayWords::tr("Nothing new %1.").arg(from)
                              : RelayWords::tr("%Ln new piece(s) of mail %1.", nullptr, pluralOf(fresh)).arg(from);
    if (answered == 0)
        text = RelayWords::tr("Nothing was collected.");
    if (failed > 0)
        text += u' ' + RelayWords::tr("Relays that failed: %1.").arg(countText(failed));
    if (sweep.cancelled)
        text = RelayWords::tr("Cancelled.") + u' ' + text;
    if (!failures.isEmpty())
        text += u'\n' + failures.join(u'\n');
    return text;
}

} // namespace restante::ui
