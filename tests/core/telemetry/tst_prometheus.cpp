// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/prometheus.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <QtTest/QTest>

using namespace restante;
using namespace restante::telemetry;
using namespace Qt::Literals::StringLiterals;

class PrometheusTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void every_line_follows_the_text_format()
    {
        const Counters counters;
        const auto text = prometheusText(
            counters, {{"a_total", "One.", Metric::Type::Counter, 1}, {"b", "Another.", Metric::Type::Gauge, -1}});
        QVERIFY(text.endsWith('\n'));
        const QRegularExpression sample(
            u"\\A(restante_[a-z_]+)(\\{[a-z_]+=\"[^\"\\\\]*\"(,[a-z_]+=\"[^\"\\\\]*\")*\\})? -?[0-9]+(\\.[0-9]+)?\\z"_s);
        const QRegularExpression comment(u"\\A# (HELP|TYPE) (restante_[a-z_]+) (.+)\\z"_s);
        QSet<QString> helped;
        QHash<QString, QString> types;
        QSet<QString> samples;
        for (const auto &bytes : text.chopped(1).split('\n')) {
            const auto line = QString::fromLatin1(bytes);
            if (const auto match = comment.match(line); match.hasMatch()) {
                if (match.captured(1) == "HELP"_L1) {
                    QVERIFY2(!helped.contains(match.captured(2)), bytes.constData());
                    helped.insert(match.captured(2));
                } else {
                    types.insert(match.captured(2), match.captured(3));
                }
                continue;
            }
            const auto match = sample.match(line);
            QVERIFY2(match.hasMatch(), bytes.constData());
            const auto name = match.captured(1);
            QVERIFY2(helped.contains(name) && types.contains(name), bytes.constData());
            QCOMPARE(types.value(name) == "counter"_L1, name.endsWith("_total"_L1));
            const auto identity = name + match.captured(2);
            QVERIFY2(!samples.contains(identity), bytes.constData());
            samples.insert(identity);
        }
        QVERIFY(samples.size() > 15);
        QVERIFY(!text.contains("origin=") && !text.contains("destination="));
    }

    void what_was_counted_is_there()
    {
        Counters counters;
        counters.countAnswer(Route::SendRelay, 200);
        counters.countAnswer(Route::SendRelay, 200);
        counters.countAnswer(Route::RelayTxn, 403);
        counters.countAnswer(Route::None, 999);
        counters.signatureFailures.add(3);
        counters.bytesIn.add(quint64(1) << 40);
        const auto text =
            '\n' + prometheusText(counters, {{"entries_held", "Entries held now.", Metric::Type::Gauge, 1'000'000}});
        const QByteArray build = "restante_build_info{version=\"" RESTANTE_VERSION "\"} 1";
        for (const char *line : {
                 "restante_http_requests_total{route=\"send_relay\",status=\"2xx\"} 2",
                 "restante_http_requests_total{route=\"relay_txn\",status=\"4xx\"} 1",
                 "restante_http_requests_total{route=\"relay_txn\",status=\"2xx\"} 0",
                 "restante_http_requests_total{route=\"none\",status=\"5xx\"} 1",
                 "restante_signature_failures_total 3",
                 "restante_signatures_verified_total 0",
                 "restante_received_bytes_total 1099511627776",
                 "restante_entries_held 1000000",
                 "# TYPE restante_entries_held gauge",
                 build.constData(),
             })
            QVERIFY2(text.contains('\n' + QByteArray(line) + '\n'), line);
    }
};

QTEST_GUILESS_MAIN(PrometheusTest)
#include "tst_prometheus.moc"
