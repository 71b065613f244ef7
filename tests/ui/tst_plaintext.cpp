// SPDX-License-Identifier: GPL-3.0-or-later
// What strangers wrote is shown as it is, wherever it stands.
#include "ui/widgets/plaintext.h"

#include "ui/queues/serveddialog.h"
#include "ui/relays/relaydialog.h"
#include "ui/settings/settingsdialog.h"
#include "ui/shell/translation.h"
#include "windowtest.h"

using namespace restante;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

class TestPlainText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::installTranslations(*qApp, QLocale(QStringLiteral("en_GB"))); }

    void every_label_of_every_window_is_plain()
    {
        ui::PlainText plain(*qApp);
        FakeOperations operations;
        operations.becomeNode();
        ui::MainWindow window(operations, QString());
        ui::SettingsDialog dialog(operations, u"/data"_s);
        ui::ServedDialog served(restante::settings::ServedEntry{}, QStringList{});
        ui::RelayDialog relay(operations, restante::settings::RelayEntry{}, QStringList{});
        for (QWidget *each : std::initializer_list<QWidget *>{&window, &dialog, &served, &relay}) {
            each->show();
            const auto stacks = each->findChildren<QStackedWidget *>();
            for (auto *stack : stacks) {
                for (int page = 0; page < stack->count(); ++page)
                    stack->setCurrentIndex(page); // each was seen once
            }
        }
        int labels = 0;
        const auto widgets = QApplication::allWidgets();
        for (auto *widget : widgets) {
            const auto *label = qobject_cast<QLabel *>(widget);
            if (!label || !label->testAttribute(Qt::WA_WState_Polished))
                continue;
            ++labels;
            QVERIFY2(label->textFormat() == Qt::PlainText, qPrintable(label->objectName() + u": "_s + label->text()));
        }
        QVERIFY2(labels > 20, qPrintable(QString::number(labels)));
    }

    void a_failure_that_a_stranger_worded_is_shown_as_it_is()
    {
        ui::PlainText plain(*qApp);
        const QString words = u"<img src=\"https://elsewhere.example/\"><b>not bold</b>"_s;
        QMessageBox box(QMessageBox::Warning, u"Restante"_s, words);
        box.show();
        const auto labels = box.findChildren<QLabel *>();
        const auto text = std::find_if(labels.begin(), labels.end(),
                                       [&words](const QLabel *label) { return label->text() == words; });
        QVERIFY(text != labels.end());
        QCOMPARE((*text)->textFormat(), Qt::PlainText);
    }

    void a_notification_has_no_markup()
    {
        QCOMPARE(ui::withoutMarkup(u"<a href=\"x\">y</a> &amp; z"_s), u"\u2039a href=\"x\">y\u2039/a> +amp; z"_s);
    }
};

QTEST_MAIN(TestPlainText)
#include "tst_plaintext.moc"
