// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/options.h"

#include "settings/cardtext.h"
#include "settings/enteredname.h"
#include "settings/fieldtable.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QStandardPaths>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

namespace
{
constexpr qsizetype LongestLink = 16'384; ///< more than any card has; what reads it says more

struct OptionRow {
    QLatin1String name;
    QLatin1String value; ///< empty for a flag
    QLatin1String help;
    QLatin1String letter = {}; ///< a short name, if there is one
};

const OptionRow rows[] = {
    {"data-dir"_L1, "DIR"_L1, "Everything this installation keeps (default: the platform's data folder)"_L1},
    {"listen"_L1, "ADDR:PORT"_L1, "Relay listener, repeatable; port 0 picks a free one (default 127.0.0.1:8449)"_L1},
    {"tls-cert"_L1, "FILE"_L1, "PEM certificate for the relay listeners; needs --tls-key"_L1},
    {"tls-key"_L1, "FILE"_L1, "PEM private key for the relay listeners"_L1},
    {"open-relay"_L1, ""_L1, "Accept mail for anyone (default: only for served destinations)"_L1},
    {"serve"_L1, "NAME"_L1, "Serve this destination, repeatable"_L1},
    {"set"_L1, "KEY=VALUE"_L1, "Any setting, by its key in the settings file, repeatable"_L1},
    {"import-key"_L1, "FILE"_L1,
     "Take over a homeserver's signing key, in a data folder whose own has not been used"_L1},
    {"server-name"_L1, "NAME"_L1, "The server name that belongs to --import-key"_L1},
    {"hidden"_L1, ""_L1, "(restante) Start in the tray"_L1},
    {"help"_L1, ""_L1, "Show this text"_L1, "h"_L1},
    {"version"_L1, ""_L1, "Show the version"_L1, "v"_L1},
};

void declareOptions(QCommandLineParser &parser)
{
    for (const OptionRow &row : rows) {
        QStringList names{row.name};
        if (!row.letter.isEmpty())
            names.append(row.letter);
        parser.addOption(QCommandLineOption(names, row.help, row.value));
    }
}

Error bad(const QString &text)
{
    return {Errc::InvalidSetting, text};
}

QString absolute(const QString &path)
{
    return path.isEmpty() ? path : QDir::cleanPath(QFileInfo(path).absoluteFilePath());
}

Result<void> readOverrides(const QStringList &texts, Options &options)
{
    for (const QString &text : texts) {
        const qsizetype equals = text.indexOf(u'=');
        if (equals <= 0)
            return bad(u"--set %1: write KEY=VALUE"_s.arg(text));
        options.overrides.append({text.first(equals), text.sliced(equals + 1)});
    }
    return {};
}

/// Each value of an option that may be given more than once.
template <typename T>
Result<void> readEach(const QCommandLineParser &parser, const QString &option,
                      MaybeComplaint (*read)(const QString &, T &), QList<T> &out)
{
    for (const QString &text : parser.values(option)) {
        if (const auto wrong = read(text, out.emplaceBack()))
            return bad(u"--%1: %2"_s.arg(option, sentence(*wrong)));
    }
    return {};
}

Result<void> checkCombination(const QCommandLineParser &parser)
{
    for (const OptionRow &row : rows) {
        if (!row.value.isEmpty() && parser.isSet(row.name) && parser.values(row.name).contains(QString()))
            return bad(u"--%1 needs a value: %2"_s.arg(row.name, row.value));
    }
    const QStringList words = parser.positionalArguments();
    const bool isCard = words.value(0).startsWith(QLatin1String(CardScheme), Qt::CaseInsensitive);
    if (words.size() > (isCard ? 1 : 0))
        return bad(u"\"%1\" is not an option"_s.arg(words.last()));
    if (words.value(0).size() > LongestLink)
        return bad(u"This card is longer than a card can be"_s);
    if (parser.isSet(u"tls-cert"_s) != parser.isSet(u"tls-key"_s))
        return bad(u"--tls-cert and --tls-key belong together, only one of them is given"_s);
    if (parser.isSet(u"import-key"_s) != parser.isSet(u"server-name"_s))
        return bad(u"--import-key and --server-name belong together, only one of them is given"_s);
    return {};
}
} // namespace

Result<Options> Options::parse(const QStringList &arguments)
{
    QCommandLineParser parser;
    declareOptions(parser);
    if (!parser.parse(arguments))
        return bad(parser.errorText());
    if (auto combined = checkCombination(parser); !combined)
        return combined.error();

    Options options;
    options.dataFolder = absolute(parser.value(u"data-dir"_s));
    if (options.dataFolder.isEmpty())
        options.dataFolder = defaultDataFolder();
    if (auto read = readEach<ListenAddress>(parser, u"listen"_s, settings::parse, options.listen); !read)
        return read.error();
    options.tlsCertificate = absolute(parser.value(u"tls-cert"_s));
    options.tlsKey = absolute(parser.value(u"tls-key"_s));
    options.openRelay = parser.isSet(u"open-relay"_s);
    if (auto read = readEach<matrix::ServerName>(parser, u"serve"_s, parseEntered, options.serve); !read)
        return read.error();
    options.importKey = absolute(parser.value(u"import-key"_s));
    if (parser.isSet(u"server-name"_s)) {
        if (const auto wrong = parseEntered(parser.value(u"server-name"_s), options.serverName))
            return bad(u"--server-name: "_s + sentence(*wrong));
    }
    options.card = parser.positionalArguments().value(0);
    options.hidden = parser.isSet(u"hidden"_s);
    options.help = parser.isSet(u"help"_s);
    options.version = parser.isSet(u"version"_s);
    if (auto read = readOverrides(parser.values(u"set"_s), options); !read)
        return read.error();
    return options;
}

QString Options::helpText()
{
    QString text = u"Holds Matrix federation transactions for servers that are offline.\n\nOptions:\n"_s;
    for (const OptionRow &row : rows) {
        QString name = row.value.isEmpty() ? QString(row.name) : u"%1 %2"_s.arg(row.name, row.value);
        if (!row.letter.isEmpty())
            name += u", -%1"_s.arg(row.letter);
        text += u"  --%1 %2\n"_s.arg(name.leftJustified(22), row.help);
    }
    return text + u"\nrestante also takes the link of a card, restante:…, and shows what it would add.\n"_s;
}

QString Options::defaultDataFolder()
{
    return QDir(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)).filePath(u"restante"_s);
}

Result<Settings> Options::applyTo(Settings saved) const
{
    Settings settings = std::move(saved);
    for (const auto &pair : overrides) {
        if (const auto wrong = set(settings, pair.first, pair.second))
            return bad(u"--set %1=%2: %3"_s.arg(pair.first, pair.second, sentence(*wrong)));
    }
    if (!listen.isEmpty())
        settings.listen = listen;
    if (!tlsCertificate.isEmpty()) {
        settings.tlsCertificate = tlsCertificate;
        settings.tlsKey = tlsKey;
    }
    settings.relayOpen = settings.relayOpen || openRelay;
    for (const matrix::ServerName &name : serve) {
        const auto same = [&name](const ServedEntry &entry) { return entry.name == name; };
        if (std::none_of(settings.served.cbegin(), settings.served.cend(), same))
            settings.served.append({name, {}, {}, {}});
    }
    if (auto valid = validate(settings); !valid)
        return valid.error();
    return settings;
}

} // namespace restante::settings
