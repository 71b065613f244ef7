// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/warnings.h"

#include "ui/widgets/errorwords.h"
#include "ui/widgets/format.h"
#include "ui/widgets/holding.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QMap>

#include <algorithm>
#include <optional>

namespace restante::ui
{

namespace
{
struct Warnings {
    Q_DECLARE_TR_FUNCTIONS(Warnings)
};

/// `nodeOnly`: the relay listens, the node listener does not.
Warning warningFor(const Error &reason, bool nodeOnly)
{
    Warning warning{sentence(reason), {}, reason.detail, Remedy::CopyDetails};
    switch (reason.code) {
    case Errc::DiskFull:
    case Errc::QuotaExceeded:
        warning.button = Warnings::tr("S&torage settings…");
        warning.remedy = Remedy::StorageSettings;
        break;
    case Errc::Io:
    case Errc::AddressGone:
    case Errc::InvalidSetting:
    case Errc::CertificateInvalid:
        // Only the detail tells which of the addresses or files it is.
        warning.text += u'\n' + reason.detail;
        warning.button = nodeOnly ? Warnings::tr("Node settin&gs…") : Warnings::tr("&Network settings…");
        warning.remedy = nodeOnly ? Remedy::NodeSettings : Remedy::NetworkSettings;
        break;
    case Errc::RelayingOff:
        warning.button = Warnings::tr("Rela&ying settings…");
        warning.remedy = Remedy::RelayingSettings;
        break;
    default:
        warning.button = Warnings::tr("Copy &details");
        break;
    }
    return warning;
}

Warning warningFor(const control::StatusWarning &warning, const PetNames &names)
{
    using Kind = control::StatusWarning::Kind;
    Warning shown{{}, Warnings::tr("Copy &details"), warning.detail, Remedy::CopyDetails};
    switch (warning.kind) {
    case Kind::MailboxFilling:
    case Kind::RelayFilling:
        //: %1 is a share in percent; of the second text, %2 is a friend's name
        shown.text = warning.kind == Kind::RelayFilling
                         ? Warnings::tr("%1 of the room for mail is taken. Once it is full, mail is refused.")
                               .arg(percentText(warning.percent))
                         : Warnings::tr("The mailbox of %2 is %1 full. Once it is full, more mail is refused.")
                               .arg(percentText(warning.percent), names.called(warning.server));
        shown.button = Warnings::tr("S&torage settings…");
        shown.remedy = Remedy::StorageSettings;
        break;
    case Kind::SenderRefused:
        //: %1 is a friend's name
        shown.text =
            Warnings::tr("The mailbox of %1 takes no more mail from a sender that has left as much as one may.")
                .arg(names.called(warning.server)) +
            u'\n' + warning.detail;
        shown.button = Warnings::tr("S&torage settings…");
        shown.remedy = Remedy::StorageSettings;
        break;
    case Kind::OpenFolder:
        shown.text = Warnings::tr("Other users of this computer can look into Restante's folder.");
        break;
    case Kind::NewIdentity:
        shown.text =
            Warnings::tr("The identity was missing, so a new one was made. Friends and relays know the old one.");
        break;
    case Kind::NewDatabase:
        shown.text =
            Warnings::tr("A database was missing or empty, so a new one was made. Mail that it held is not here.");
        break;
    case Kind::NewSecret:
        shown.text =
            Warnings::tr("The secret that the homeserver shows was lost, so a new one was made. Give it to the "
                         "homeserver.");
        break;
    case Kind::ClosedLog:
        shown.text = Warnings::tr("The log cannot be written.");
        break;
    case Kind::CertificateEndsSoon:
        shown.text = Warnings::tr("The relay's certificate ends soon; after that other servers refuse to connect.") +
                     u'\n' + warning.detail;
        shown.button = Warnings::tr("&Network settings…");
        shown.remedy = Remedy::NetworkSettings;
        break;
    case Kind::DoorCertificate:
        shown.text =
            Warnings::tr("Other servers may refuse to deliver mail at a friend's front door.") + u'\n' + warning.detail;
        break;
    case Kind::CertificateNotRenewed:
        shown.text = Warnings::tr("The relay's new certificate cannot be used; the old one stays in use.") + u'\n' +
                     warning.detail;
        shown.button = Warnings::tr("&Network settings…");
        shown.remedy = Remedy::NetworkSettings;
        break;
    case Kind::RelayHoldsNothing:
        shown = {Warnings::tr("One of your relays takes in no mail for this server."),
                 Warnings::tr("Loo&k at the relays"), warning.detail, Remedy::ShowRelays};
        break;
    case Kind::MyRelayPaused:
        shown = {Warnings::tr("One of your relays takes in no mail just now.") + u'\n' + warning.detail,
                 Warnings::tr("Loo&k at the relays"), warning.detail, Remedy::ShowRelays};
        break;
    case Kind::MyRelayRefuses: // see failingRelays()
    case Kind::MyRelayFails:
        break;
    case Kind::RelayRefuses:
        shown = {Warnings::tr("A friend's relay does not take mail for them.") + u'\n' + warning.detail,
                 Warnings::tr("Loo&k at the relays"), warning.detail, Remedy::ShowRelays};
        break;
    case Kind::LostTraffic:
        shown.text = Warnings::tr("The counts of the mail that came and went could not be read and begin anew. No mail "
                                  "is lost.");
        break;
    // Only the detail tells which names, and what to do.
    case Kind::OtherHomeserver:
        shown.text = Warnings::tr("The homeserver has another name or key than Restante: its mail cannot be left at "
                                  "relays.") +
                     u'\n' + warning.detail;
        break;
    case Kind::WrongSecret:
        shown.text = Warnings::tr("The homeserver does not know Restante's secret: its mail is refused.") + u'\n' +
                     warning.detail;
        break;
    case Kind::WrongClock:
        shown.text = Warnings::tr("The clock of this computer seems to be wrong.") + u'\n' + warning.detail;
        break;
    case Kind::NoAuthorities:
        shown.text = Warnings::tr("Other servers cannot be asked, because their certificates cannot be checked.") +
                     u'\n' + warning.detail;
        break;
    }
    return shown;
}

Warning warningFor(const queue::MailRefusal &refusal, const PetNames &names)
{
    const QString whose = refusal.destination.isNull()
                              ? Warnings::tr("servers that are not among the friends served here")
                              : names.called(refusal.destination.toString());
    //: %1 is a friend's name, %2 a date and time
    const QString all = Warnings::tr("Mail for %1 has been refused since %2, because there is no room left for it.");
    //: %1 is a friend's name, %2 a date and time
    const QString some = Warnings::tr("Mail for %1 from unknown senders has been refused since %2, because there is no "
                                      "room left for it.");
    const QString text = (refusal.onlyUnknown ? some : all).arg(whose, shortTime(refusal.sinceMs));
    return {text, Warnings::tr("S&torage settings…"), control::refusalText(refusal), Remedy::StorageSettings};
}

/// The first `most` of texts of one kind, and how many more there are of `all`, some of which may have no text.
QStringList firstFew(QStringList texts, qsizetype most, qsizetype all)
{
    texts = texts.mid(0, most);
    const qsizetype more = all - texts.size();
    if (more > 0 && !texts.isEmpty())
        texts.append(Warnings::tr("And %Ln more like this.", nullptr, int(more)));
    return texts;
}

/// Warnings of one kind take one place: a hundred full mailboxes must not push the window off the screen. The first one
/// is shown, all details can be copied.
void appendAsOne(QList<Warning> &warnings, const QList<Warning> &alike)
{
    if (alike.isEmpty())
        return;
    QStringList texts;
    QStringList details;
    for (const Warning &one : alike) {
        texts.append(one.text);
        details.append(one.detail);
    }
    Warning shown = alike.constFirst();
    shown.text = firstFew(texts, 1, texts.size()).join(shown.text.contains(u'\n') ? u'\n' : u' ');
    shown.detail = details.join(u'\n');
    warnings.append(shown);
}

bool isFailingRelay(const control::StatusWarning &warning)
{
    using Kind = control::StatusWarning::Kind;
    return warning.kind == Kind::MyRelayRefuses || warning.kind == Kind::MyRelayFails;
}

/// All my relays from which no mail comes, whatever the reason, as one warning: the first few by what is wrong with
/// them.
std::optional<Warning> failingRelays(const control::ApplianceStatus &status)
{
    QStringList details;
    bool refuses = false;
    for (const auto &warning : status.warnings) {
        if (isFailingRelay(warning))
            details.append(warning.detail);
        refuses = refuses || warning.kind == control::StatusWarning::Kind::MyRelayRefuses;
    }
    const int failing = std::max(status.failingRelays, int(details.size()));
    if (failing == 0)
        return std::nullopt;
    QStringList lines{failing == 1 && refuses
                          ? Warnings::tr("One of your relays hands out no mail.")
                          : Warnings::tr("Mail could not be collected from %Ln of your relays.", nullptr, failing)};
    lines += firstFew(details, 3, failing);
    return Warning{lines.join(u'\n'), Warnings::tr("Loo&k at the relays"), details.join(u'\n'), Remedy::ShowRelays};
}
} // namespace

QList<Warning> warningsFor(const control::ApplianceStatus &status, const PetNames &names)
{
    QList<Warning> warnings;
    const bool nodeOnly = status.node && status.nodeAddress.isEmpty() && !status.addresses.isEmpty();
    for (const auto &reason : status.reasons) {
        const bool isRefusal = std::any_of(status.refusals.begin(), status.refusals.end(), [&reason](const auto &each) {
            return control::refusalText(each) == reason.detail;
        });
        if (!isRefusal) // those have words of their own
            warnings.append(warningFor(reason, nodeOnly));
    }
    QList<Warning> refused;
    for (const auto &refusal : status.refusals)
        refused.append(warningFor(refusal, names));
    appendAsOne(warnings, refused);
    QMap<control::StatusWarning::Kind, QList<Warning>> kinds;
    for (const auto &warning : status.warnings) {
        if (!isFailingRelay(warning))
            kinds[warning.kind].append(warningFor(warning, names));
    }
    for (const QList<Warning> &alike : std::as_const(kinds))
        appendAsOne(warnings, alike);
    if (auto failing = failingRelays(status))
        warnings.append(*std::move(failing));
    if (status.loopbackOnly && holdsMail(status) && !status.addresses.isEmpty()) {
        warnings.append({Warnings::tr("Only this computer can reach the relay."),
                         Warnings::tr("&Open to the network…"),
                         {},
                         Remedy::NetworkSettings});
    }
    return warnings;
}

} // namespace restante::ui
