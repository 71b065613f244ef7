// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/fieldtable.h"
#include "settings/options.h"
#include "settingsvalues.h"

#include <QtCore/QDir>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::settings;
using test::listenAddresses;
using test::relayEntry;
using test::servedEntry;
using test::serverNames;
using namespace Qt::Literals::StringLiterals;

namespace
{
Result<Options> parse(const QStringList &arguments)
{
    return Options::parse(QStringList{u"restanted"_s} + arguments);
}
} // namespace

class OptionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_link_of_a_card_may_stand_there_alone()
    {
        const QString link = u"RESTANTE:1/friend?server=b.example"_s;
        const auto options = Options::parse({u"restante"_s, u"--hidden"_s, link});
        QVERIFY(options);
        QCOMPARE(options->card, link);
        QVERIFY(options->hidden);
        QVERIFY(Options::parse({u"restante"_s})->card.isEmpty());
        for (const QStringList &words : {QStringList{u"https://b.example"_s}, QStringList{link, link},
                                         QStringList{link + QString(20'000, u'x')}, QStringList{u"restante"_s}}) {
            const auto refused = Options::parse(QStringList{u"restante"_s} + words);
            QVERIFY(!refused && refused.error().code == restante::Errc::InvalidSetting);
            QVERIFY(!refused.error().detail.isEmpty());
        }
    }

    void without_options_everything_comes_from_the_file()
    {
        const auto options = parse({});
        QVERIFY(options);
        QCOMPARE(options->dataFolder, Options::defaultDataFolder());
        QVERIFY(QDir::isAbsolutePath(options->dataFolder));
        QVERIFY(options->dataFolder.endsWith(u"/restante"));
        QVERIFY(!options->help && !options->version && !options->hidden);
        Settings saved;
        saved.relayOpen = true;
        saved.listen = listenAddresses({u"0.0.0.0:1"_s});
        QCOMPARE(*options->applyTo(saved), saved);
    }

    void options_override_what_is_saved()
    {
        const auto options =
            parse({u"--data-dir"_s, u"/tmp/r/../data"_s, u"--listen"_s, u"127.0.0.1:0"_s, u"--listen=[::1]:0"_s,
                   u"--tls-cert"_s, u"cert.pem"_s, u"--tls-key"_s, u"/abs/key.pem"_s, u"--open-relay"_s, u"--serve"_s,
                   u"b.example"_s, u"--serve"_s, u"a.example"_s, u"--set"_s, u"queue.expiry_days=7"_s, u"--set"_s,
                   u"relay.blocked_origins=x.example,y.example"_s, u"--hidden"_s});
        QVERIFY2(options, options ? "" : qPrintable(options.error().detail));
        QCOMPARE(options->dataFolder, u"/tmp/data"_s);
        QVERIFY(options->hidden);
        Settings saved;
        saved.served = {servedEntry(u"a.example"_s, u"Alice"_s, {u"k.example"_s})};
        const auto settings = options->applyTo(saved);
        QVERIFY2(settings, settings ? "" : qPrintable(settings.error().detail));
        QCOMPARE(settings->listen, listenAddresses({u"127.0.0.1:0"_s, u"[::1]:0"_s}));
        QCOMPARE(settings->tlsCertificate, QDir::current().absoluteFilePath(u"cert.pem"_s));
        QCOMPARE(settings->tlsKey, u"/abs/key.pem"_s);
        QVERIFY(settings->relayOpen);
        QCOMPARE(settings->served, (QList<ServedEntry>{saved.served.first(), servedEntry(u"b.example"_s, {}, {})}));
        QCOMPARE(settings->expiryDays, 7);
        QCOMPARE(settings->blockedOrigins, serverNames({u"x.example"_s, u"y.example"_s}));
    }

    void a_value_may_contain_an_equals_sign()
    {
        const auto options = parse({u"--set"_s, u"log.rules=restante.http.debug=true"_s});
        QVERIFY(options);
        QCOMPARE(options->applyTo(Settings())->logRules, u"restante.http.debug=true"_s);
    }

    void an_identity_to_import_has_a_file_and_a_name()
    {
        const auto options = parse({u"--import-key"_s, u"/k/signing.key"_s, u"--server-name"_s, u"example.org"_s});
        QVERIFY(options);
        QCOMPARE(options->importKey, u"/k/signing.key"_s);
        QCOMPARE(options->serverName.toString(), u"example.org"_s);
    }

    void bad_options_are_refused_with_one_clear_line_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("hint");
        const auto row = [](const QStringList &arguments, const char *hint) {
            QTest::newRow(qPrintable(arguments.join(u' '))) << arguments << QString::fromLatin1(hint);
        };
        row({u"--no-such-option"_s}, "no-such-option");
        row({u"queues"_s}, "queues");
        row({u"--listen"_s}, "listen");
        row({u"--listen="_s}, "listen");
        row({u"--set"_s, u"relay.open"_s}, "KEY=VALUE");
        row({u"--set"_s, u"=1"_s}, "KEY=VALUE");
        row({u"--tls-cert"_s, u"c.pem"_s}, "--tls-key");
        row({u"--tls-key"_s, u"k.pem"_s}, "--tls-cert");
        row({u"--import-key"_s, u"f"_s}, "--server-name");
        row({u"--server-name"_s, u"a.example"_s}, "--import-key");
        row({u"--open-relay=yes"_s}, "open-relay");
        row({u"--listen"_s, u"localhost:1"_s}, "--listen: \"localhost:1\"");
        row({u"--serve"_s, u"bad name"_s}, "--serve: \"bad name\"");
        row({u"--serve"_s, u"example..org"_s}, "--serve: \"example..org\"");
        row({u"--serve"_s, QString(63, u'a')}, "63 hexadecimal digits");
        row({u"--import-key"_s, u"f"_s, u"--server-name"_s, u"127.1"_s}, "--server-name: \"127.1\"");
    }
    void bad_options_are_refused_with_one_clear_line()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QString, hint);
        const auto options = parse(arguments);
        QVERIFY(!options);
        QCOMPARE(options.error().code, Errc::InvalidSetting);
        QVERIFY2(options.error().detail.contains(hint), qPrintable(options.error().detail));
        QVERIFY(!options.error().detail.contains(u'\n'));
    }

    void bad_values_are_refused_when_they_are_applied_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("hint");
        const auto row = [](const QStringList &arguments, const char *hint) {
            QTest::newRow(qPrintable(arguments.join(u' '))) << arguments << QString::fromLatin1(hint);
        };
        row({u"--listen"_s, u"0.0.0.0:1"_s, u"--listen"_s, u"127.0.0.1:1"_s}, "server.listen");
        row({u"--set"_s, u"relay.blocked_origins=example..org"_s}, "example..org");
        row({u"--set"_s, u"no.such=1"_s}, "no.such");
        row({u"--set"_s, u"server.http_workers=1000"_s}, "1 to 64");
    }
    void bad_values_are_refused_when_they_are_applied()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QString, hint);
        const auto options = parse(arguments);
        QVERIFY(options);
        const auto settings = options->applyTo(Settings());
        QVERIFY(!settings);
        QCOMPARE(settings.error().code, Errc::InvalidSetting);
        QVERIFY2(settings.error().detail.contains(hint), qPrintable(settings.error().detail));
    }

    void help_names_every_option()
    {
        const QString help = Options::helpText();
        for (const char *name : {"data-dir", "listen", "tls-cert", "tls-key", "open-relay", "serve", "set",
                                 "import-key", "server-name", "hidden", "help", "version"}) {
            QVERIFY2(help.contains(u"--"_s + QLatin1String(name)), name);
            QVERIFY2(help.split(u'\n').filter(u"--"_s + QLatin1String(name)).first().size() < 110, name);
        }
        QVERIFY(parse({u"--help"_s})->help);
        QVERIFY(parse({u"--version"_s})->version);
    }

    void overridden_values_do_not_leak_into_the_file()
    {
        Settings saved;
        saved.expiryDays = 14;
        saved.served = {servedEntry(u"mine.example"_s, {}, {}), servedEntry(u"gone.example"_s, {}, {})};
        saved.blockedOrigins = serverNames({u"spam.example"_s});
        const auto options =
            parse({u"--listen"_s, u"0.0.0.0:0"_s, u"--open-relay"_s, u"--serve"_s, u"guest.example"_s, u"--set"_s,
                   u"queue.expiry_days=1"_s, u"--set"_s, u"relay.blocked_origins=other.example"_s});
        const auto effective = *options->applyTo(saved);

        QCOMPARE(mergeEdited(saved, effective, effective), saved); // nothing edited, nothing to save

        auto edited = effective;
        edited.tombstoneDays = 3;
        edited.served.removeIf([](const ServedEntry &entry) { return entry.name.bytes() == "gone.example"; });
        edited.served[0].petname = u"Mine"_s;
        edited.served.append(servedEntry(u"new.example"_s, u"New"_s, {}));
        edited.blockedOrigins += serverNames({u"more.example"_s});
        auto wanted = saved;
        wanted.tombstoneDays = 3;
        wanted.served = {servedEntry(u"mine.example"_s, u"Mine"_s, {}), servedEntry(u"new.example"_s, u"New"_s, {})};
        wanted.blockedOrigins = serverNames({u"spam.example"_s, u"more.example"_s});
        const auto merged = mergeEdited(saved, effective, edited);
        QCOMPARE(changed(merged, wanted), QStringList());

        // What the operator does change is saved, overridden or not.
        edited.expiryDays = 21;
        edited.relayOpen = false;
        edited.served[1].petname = u"Guest after all"_s;
        const auto later = mergeEdited(saved, effective, edited);
        QCOMPARE(later.expiryDays, 21);
        QCOMPARE(later.relayOpen, false);
        QVERIFY(later.served.contains(servedEntry(u"guest.example"_s, u"Guest after all"_s, {})));
    }

    void without_overrides_the_edited_settings_are_saved_as_they_are()
    {
        Settings saved;
        saved.listen = listenAddresses({u"127.0.0.1:1"_s, u"127.0.0.1:2"_s});
        auto edited = saved;
        edited.listen = listenAddresses({u"127.0.0.1:2"_s, u"127.0.0.1:1"_s}); // the order too
        edited.relayOpen = true;
        QCOMPARE(mergeEdited(saved, saved, edited), edited);
    }

    void what_only_an_option_brought_can_be_added()
    {
        Settings saved;
        saved.relays = {relayEntry({u"r.example"_s, {}, {}, {}, {}, false})};
        Settings effective = saved;
        effective.relays.append(relayEntry({u"s.example"_s, {}, {}, {}, {}, false}));
        auto edited = effective;
        edited.relays.append(relayEntry({u"s.example"_s, {}, {}, {}, u"S"_s, false}));
        edited.relays.append(relayEntry({u"r.example"_s, {}, {}, {}, u"R"_s, false}));
        takeOverFromOptions(saved, effective, edited);
        QCOMPARE(effective.relays, saved.relays);
        QCOMPARE(edited.relays.size(), 3); // the one of the file is still listed twice, and refused for it
        QCOMPARE(edited.relays.at(1).petname, u"S"_s);
    }
};

QTEST_GUILESS_MAIN(OptionsTest)
#include "tst_options.moc"
