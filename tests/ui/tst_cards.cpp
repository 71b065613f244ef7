// SPDX-License-Identifier: GPL-3.0-or-later
// Cards as people hand them on: shown, copied, saved, opened, added, answered.
#include "settingsvalues.h"
#include "ui/cards/cardsource.h"
#include "ui/cards/cardwords.h"
#include "ui/cards/opencarddialog.h"
#include "ui/cards/owncarddialog.h"
#include "ui/cards/qrcode.h"
#include "ui/shell/translation.h"
#include "ui/widgets/errorwords.h"
#include "windowtest.h"

#include <QtCore/QBuffer>
#include <QtCore/QFile>
#include <QtCore/QMimeData>
#include <QtCore/QUrl>
#include <QtCore/QtEndian>
#include <QtGui/QClipboard>
#include <QtGui/QDropEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>

using namespace restante;
using namespace restante::test;
using namespace Qt::Literals::StringLiterals;

namespace
{
const QString Key(64, u'a');
const QString Anna = "restante:1/relay?server="_L1 + Key + "&address=https://relay.example:8449&name=Anna"_L1;
const QString Berta = u"restante:1/friend?server=berta.example&name=Berta"_s;

/// As a phone would take it: larger, tilted, on grey, with something around it.
QImage photograph(const QString &text)
{
    const QImage code = ui::QrCode(text.toLatin1()).image(5);
    QImage picture(1'200, 900, QImage::Format_RGB32);
    picture.fill(QColor(190, 185, 170));
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawText(40, 40, u"Ask me for coffee"_s);
    painter.translate(600, 450);
    painter.rotate(12);
    painter.drawImage(QRect(-220, -220, 440, 440), code);
    return picture;
}
} // namespace

class TestCards : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::installTranslations(*qApp, QLocale(u"en_GB"_s)); }
    void init()
    {
        QGuiApplication::clipboard()->clear();
        f = std::make_unique<WindowFixture>();
        f->operations.becomeNode();
        f->operations.currentStatus.serverName = u"me.example"_s;
        f->operations.currentSettings.cardAddresses = u"https://me.example:8449"_s;
    }
    void cleanup()
    {
        f.reset();
        ui::installTranslations(*qApp, QLocale(u"en_GB"_s));
    }

    void the_relay_card_is_shown_and_copied()
    {
        f->open();
        f->click("myRelayCard");
        QVERIFY(own());
        const QString link = u"restante:1/relay?server=me.example&address=https://me.example:8449"_s;
        QCOMPARE(field("cardLink")->text(), link);
        QVERIFY(own()->findChild<QWidget *>(u"qr"_s)->isVisible());
        auto *copy = own()->findChild<QPushButton *>(u"cardCopy"_s);
        QCOMPARE(copy->text(), u"&Copy"_s);
        copy->click();
        QCOMPARE(QGuiApplication::clipboard()->text(), link);
        QCOMPARE(copy->text(), u"&Copied"_s);
        QGuiApplication::clipboard()->setText(u"something else"_s);
        QTRY_COMPARE(copy->text(), u"&Copy"_s);
    }

    void the_qr_code_on_the_screen_says_the_card()
    {
        f->open();
        trigger("showRelayCard");
        const QString link = field("cardLink")->text();
        const QImage seen = own()->findChild<QWidget *>(u"qr"_s)->grab().toImage();
        QCOMPARE(ui::textsInPicture(seen), QList<QByteArray>{link.toLatin1()});
    }

    void without_an_address_the_dialog_says_so_and_takes_one()
    {
        f->operations.currentSettings.cardAddresses.clear();
        f->open();
        trigger("showRelayCard");
        QVERIFY(text("cardReason").contains(u"the address at which others reach this relay"));
        QVERIFY(!own()->findChild<QPushButton *>(u"cardCopy"_s)->isEnabled());
        QCOMPARE(own()->focusWidget(), static_cast<QWidget *>(field("cardAddresses")));
        QTest::keyClicks(field("cardAddresses"), u"http://home.example"_s);
        QVERIFY(own()->findChild<QLineEdit *>(u"cardAddresses"_s)->accessibleDescription().contains(u"not encrypted"));
        QVERIFY(field("cardLink")->text().isEmpty());
        QTest::keyClicks(field("cardName"), u"Anna B"_s);
        field("cardAddresses")->selectAll();
        QTest::keyClicks(field("cardAddresses"), u"https://home.example:8449"_s);
        QCOMPARE(field("cardLink")->text(),
                 u"restante:1/relay?server=me.example&address=https://home.example:8449&name=Anna%20B"_s);
        own()->reject();
        QTRY_COMPARE(f->operations.currentSettings.cardAddresses, u"https://home.example:8449"_s);
        QCOMPARE(f->operations.currentSettings.cardName, u"Anna B"_s);
    }

    void what_cannot_be_kept_is_said_after_closing_too()
    {
        f->operations.applyFails = Error{Errc::Io, u"No space left"_s, 0};
        f->open();
        trigger("showRelayCard");
        QTest::keyClicks(field("cardName"), u"Anna"_s);
        own()->reject();
        QTRY_VERIFY(f->window->findChild<QMessageBox *>(u"cardNotKept"_s));
        QCOMPARE(f->window->findChild<QMessageBox *>(u"cardNotKept"_s)->text(),
                 ui::sentence(*f->operations.applyFails));
    }

    void a_relay_that_holds_nothing_has_no_card()
    {
        f->operations.currentSettings.relayEnabled = false;
        f->open();
        trigger("showRelayCard");
        QVERIFY(text("cardReason").contains(u"Relaying is switched off"));
    }

    void who_collects_nothing_has_no_card_for_a_relay()
    {
        f->operations.currentSettings.nodeEnabled = false;
        f->open();
        trigger("showFriendCard");
        QVERIFY(text("cardReason").contains(u"collects no mail"));
        QVERIFY(!own()->findChild<QPushButton *>(u"cardSave"_s)->isEnabled());
    }

    void a_saved_card_is_opened_again_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"card.png", "card.svg", "card.txt", "card.PNG"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void a_saved_card_is_opened_again()
    {
        QFETCH(QString, name);
        f->operations.currentSettings.cardName = u"Zoë & <Co>"_s;
        f->open();
        trigger("showRelayCard");
        const QString link = field("cardLink")->text();
        own()->findChild<QPushButton *>(u"cardSave"_s)->click();
        auto *files = own()->findChild<QFileDialog *>();
        QVERIFY(files);
        const QString file = f->folder.filePath(name);
        Q_EMIT files->fileSelected(file);
        QVERIFY2(text("cardTold").contains(file), qPrintable(text("cardTold")));
        const auto found = ui::cardInFile(file);
        QCOMPARE(found.problem, QString());
        QCOMPARE(found.link, link);
    }

    void a_card_that_cannot_be_saved_says_why()
    {
        f->open();
        trigger("showRelayCard");
        own()->findChild<QPushButton *>(u"cardSave"_s)->click();
        Q_EMIT own()->findChild<QFileDialog *>()->fileSelected(u"/nowhere/card.png"_s);
        QVERIFY(text("cardTold").contains(u"was not saved"));
    }

    void two_people_exchange_two_links_and_are_done()
    {
        f->open();
        f->window->openCard(Anna); // as a click on it does
        QVERIFY(text("cardEffect").startsWith(u"Anna offers to hold your mail."));
        QCOMPARE(field("cardServer")->text(), Key);
        QCOMPARE(field("cardPetname")->text(), u"Anna"_s);
        QVERIFY(f->operations.currentSettings.relays.isEmpty()); // not unasked
        button("cardAdd")->click();
        QTRY_COMPARE(f->operations.currentSettings.relays.size(), 1);
        QCOMPARE(f->operations.currentSettings.relays,
                 QList{relayEntry({Key, u"https://relay.example:8449"_s, {}, {}, u"Anna"_s, false})});
        // The answer is offered.
        QTRY_VERIFY(own());
        QVERIFY2(text("cardIntro").contains(u"Anna is one of your relays. Now send this card back"),
                 qPrintable(text("cardIntro")));
        QCOMPARE(field("cardLink")->text(), u"restante:1/friend?server=me.example"_s);
    }

    void a_friend_is_served_and_gets_the_relays_card()
    {
        f->open();
        f->window->openCard(Berta);
        QVERIFY(text("cardEffect").startsWith(u"Berta asks you to hold mail."));
        QVERIFY(!f->find<QComboBox>("cardAddress")->isVisible());
        field("cardPetname")->setText(u"my Berta"_s);
        QTest::keyClick(field("cardPetname"), Qt::Key_Return); // one confirmation, with the keyboard alone
        QTRY_COMPARE(f->operations.currentSettings.served.size(), 1);
        QCOMPARE(f->operations.currentSettings.served.first(), servedEntry(u"berta.example"_s, u"my Berta"_s, {}));
        QTRY_VERIFY(own());
        QVERIFY(text("cardIntro").contains(u"you hold mail for my Berta"));
        QCOMPARE(field("cardLink")->text(), u"restante:1/relay?server=me.example&address=https://me.example:8449"_s);
    }

    void closing_adds_nothing()
    {
        f->open();
        f->window->openCard(Anna);
        dialog()->reject();
        QCoreApplication::processEvents();
        QVERIFY(f->operations.applied.isEmpty());
    }

    void what_cannot_be_used_is_said_and_not_added_data()
    {
        QTest::addColumn<QString>("link");
        QTest::addColumn<QString>("said");
        QTest::newRow("a web page") << u"https://relay.example"_s << u"not a card"_s;
        QTest::newRow("http") << u"restante:1/relay?server=r.example&address=http://r.example"_s << u"not encrypted"_s;
        QTest::newRow("bidi") << Berta + u"%E2%80%AE"_s << u"cannot stand on a card"_s;
        QTest::newRow("huge") << Berta + QString(100'000, u'x') << u"longer than a card"_s;
        QTest::newRow("newer") << u"restante:9/relay?server=r.example"_s << u"version “9”"_s;
        QTest::newRow("markup") << u"restante:1/<b>relay</b>?server=r.example"_s << u"kind"_s;
        QTest::newRow("a part of a key") << u"restante:1/friend?server=aaaa%20bbbb"_s << u"server name"_s;
    }

    void what_cannot_be_used_is_said_and_not_added()
    {
        QFETCH(QString, link);
        QFETCH(QString, said);
        f->open();
        f->window->openCard(link);
        QVERIFY2(text("cardEffect").contains(said), qPrintable(text("cardEffect")));
        QVERIFY(!button("cardAdd")->isEnabled());
        QVERIFY(!field("cardServer")->isVisible());
        // Another one takes its place.
        f->window->openCard(Berta);
        QVERIFY(button("cardAdd")->isEnabled());
        QCOMPARE(f->window->findChildren<ui::OpenCardDialog *>().size(), 1);
    }

    void a_private_address_is_said_to_be_and_another_can_be_chosen()
    {
        f->open();
        f->window->openCard("restante:1/relay?server="_L1 + Key +
                            "&address=https://192.168.1.2&address=https://relay.example"_L1);
        auto *addresses = f->find<QComboBox>("cardAddress");
        QCOMPARE(addresses->count(), 2);
        QCOMPARE(addresses->currentText(), u"https://relay.example"_s);
        QVERIFY(addresses->itemText(0).contains(u"only from its own network"));
        QVERIFY(!text("cardCautions").contains(u"private"));
        addresses->setCurrentIndex(0);
        QVERIFY(text("cardCautions").contains(u"This address is private"));
        button("cardAdd")->click();
        QTRY_COMPARE(f->operations.currentSettings.relays.size(), 1);
        QCOMPARE(f->operations.currentSettings.relays.first().url.toString(), u"https://192.168.1.2"_s);
    }

    void what_is_known_needs_nothing()
    {
        f->operations.addRelay(Key, {}, u"my Anna"_s).url = parsed<settings::RelayUrl>(u"https://relay.example:8449"_s);
        f->open();
        f->window->openCard(Anna);
        QCOMPARE(text("cardEffect"), u"my Anna is one of your relays already. There is nothing to add."_s);
        QVERIFY(!button("cardAdd")->isVisible());
        f->window->openCard(u"restante:1/friend?server=me.example"_s);
        QVERIFY(text("cardEffect").startsWith(u"This is your own card."));
        QVERIFY(!button("cardAdd")->isVisible());
    }

    void a_relay_that_moved_is_said_to()
    {
        f->operations.addRelay(Key, {}, u"my Anna"_s).url = parsed<settings::RelayUrl>(u"https://old.example"_s);
        f->open();
        f->window->openCard(Anna);
        QVERIFY(text("cardEffect").contains(u"at https://old.example"));
        QCOMPARE(button("cardAdd")->text(), u"Change the &relay"_s);
        button("cardAdd")->click();
        QTRY_COMPARE(f->operations.currentSettings.relays.first().url.toString(), u"https://relay.example:8449"_s);
        QCOMPARE(f->operations.currentSettings.relays.first().petname, u"my Anna"_s);
    }

    void a_change_that_fails_is_said_and_the_card_stays()
    {
        f->operations.applyFails = Error{Errc::Io, u"No space left"_s, 0};
        f->open();
        f->window->openCard(Berta);
        button("cardAdd")->click();
        QTRY_VERIFY(button("cardAdd")->isEnabled());
        QVERIFY(dialog()->isVisible());
        QCOMPARE(text("cardCautions"), ui::sentence(*f->operations.applyFails));
        QVERIFY(!own());
    }

    void a_whole_message_may_be_pasted()
    {
        f->open();
        QGuiApplication::clipboard()->setText("Hi! My relay: "_L1 + Anna + "\nSee you, Anna"_L1);
        trigger("openCardAction");
        // The clipboard is looked at by itself.
        QVERIFY(text("cardEffect").startsWith(u"Anna offers"));
        QGuiApplication::clipboard()->setText(Berta);
        button("cardPaste")->click();
        QVERIFY(text("cardEffect").startsWith(u"Berta asks"));
        auto *image = new QMimeData;
        image->setImageData(photograph(Anna));
        QGuiApplication::clipboard()->setMimeData(image);
        button("cardPaste")->click();
        QVERIFY2(text("cardEffect").startsWith(u"Anna offers"), qPrintable(text("cardEffect")));
    }

    void an_empty_dialog_says_what_to_do()
    {
        f->open();
        f->goTo(u"Relays"_s);
        f->operations.addRelay(u"r.example"_s);
        f->operations.announceRelays();
        QGuiApplication::clipboard()->setText(u"shopping list"_s);
        trigger("openCardAction");
        QCOMPARE(f->find<QPlainTextEdit>("cardText")->toPlainText(), QString());
        QVERIFY(text("cardEffect").startsWith(u"Paste the link above"));
        QVERIFY(!button("cardAdd")->isEnabled());
    }

    void a_card_is_dropped_onto_the_window_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"text", "picture", "file"})
            QTest::newRow(kind) << QString::fromLatin1(kind);
    }

    void a_card_is_dropped_onto_the_window()
    {
        QFETCH(QString, kind);
        f->open();
        QMimeData data;
        const QString file = f->folder.filePath(u"photo.jpg"_s);
        if (kind == "text"_L1) {
            data.setText(Anna);
        } else if (kind == "picture"_L1) {
            data.setImageData(photograph(Anna));
        } else {
            QVERIFY(photograph(Anna).save(file));
            data.setUrls({QUrl::fromLocalFile(file)});
        }
        QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(f->window.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(f->window.get(), &drop);
        QVERIFY2(text("cardEffect").startsWith(u"Anna offers"), qPrintable(text("cardEffect")));
        QVERIFY(f->operations.applied.isEmpty());
    }

    void a_file_without_a_card_says_what_is_wrong_data()
    {
        QTest::addColumn<QByteArray>("contents");
        QTest::addColumn<QString>("said");
        const auto png = [](const QImage &picture) {
            QByteArray bytes;
            QBuffer buffer(&bytes);
            buffer.open(QIODevice::WriteOnly);
            picture.save(&buffer, "PNG");
            return bytes;
        };
        QImage white(200, 200, QImage::Format_RGB32);
        white.fill(Qt::white);
        QTest::newRow("nothing") << QByteArray() << u"neither a picture nor a text"_s;
        QTest::newRow("a text") << QByteArray("Dear Anna") << u"neither a picture nor a text"_s;
        QTest::newRow("no code") << png(white) << u"No QR code can be read"_s;
        QTest::newRow("another code") << png(ui::QrCode("https://example.org").image(4)) << u"is not a card"_s;
        QTest::newRow("half a picture") << png(photograph(Anna)).first(3'000) << u"damaged"_s;
        QByteArray huge;
        QBuffer buffer(&huge);
        QVERIFY(buffer.open(QIODevice::WriteOnly) && white.save(&buffer, "BMP"));
        for (const qsizetype side : {18, 22}) // where its header has width and height
            qToLittleEndian<qint32>(15'000, huge.data() + side);
        QTest::newRow("a picture that claims to be huge") << huge << u"too large"_s;
    }

    void a_file_without_a_card_says_what_is_wrong()
    {
        QFETCH(QByteArray, contents);
        QFETCH(QString, said);
        const QString name = f->folder.filePath(u"some.file"_s);
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(contents) == contents.size());
        file.close();
        const auto found = ui::cardInFile(name);
        QCOMPARE(found.link, QString());
        QVERIFY2(found.problem.contains(said), qPrintable(found.problem));
    }

    void a_file_that_cannot_be_read_is_named()
    {
        for (const QString &name : {u"/nowhere/card.png"_s, f->folder.path()}) {
            const auto found = ui::cardInFile(name);
            QVERIFY(found.link.isEmpty() && found.problem.contains(name));
        }
    }

    void a_code_in_a_photograph_is_read()
    {
        QCOMPARE(ui::cardInPicture(photograph(Anna)).link, Anna);
        QImage seeThrough = ui::QrCode(Anna.toLatin1()).image(4).convertToFormat(QImage::Format_ARGB32);
        for (int y = 0; y < seeThrough.height(); ++y) { // black on nothing
            for (int x = 0; x < seeThrough.width(); ++x) {
                if (seeThrough.pixel(x, y) == qRgb(255, 255, 255))
                    seeThrough.setPixel(x, y, qRgba(0, 0, 0, 0));
            }
        }
        QCOMPARE(ui::cardInPicture(seeThrough).link, Anna);
    }

    void the_longest_card_has_a_code_that_is_read()
    {
        const QByteArray longest(card::MostCardBytes, 'x');
        const ui::QrCode code(longest);
        QVERIFY(!code.isNull());
        QCOMPARE(ui::textsInPicture(code.image(3)), QList<QByteArray>{longest});
        QVERIFY(ui::QrCode().isNull());
        QVERIFY(ui::QrCode(QByteArray(5'000, 'x')).isNull());
        QVERIFY(ui::textsInPicture({}).isEmpty());
    }

    void every_problem_has_words()
    {
        for (int code = 0; code <= int(card::CardProblem::LastCode); ++code) {
            const auto each = card::CardProblem::Code(code);
            const QString english = card::englishPattern(each);
            const QString words = ui::problemPattern(each);
            QVERIFY(!words.isEmpty());
            if (!english.isEmpty())
                QCOMPARE(words.contains(u"%1"), english.contains(u"%1"));
        }
    }

    void the_keyboard_reaches_everything()
    {
        f->open();
        f->window->openCard("restante:1/relay?server="_L1 + Key + "&address=https://relay.example&pin="_L1 + Key);
        dialog()->activateWindow();
        QTRY_COMPARE(QApplication::activeWindow(), static_cast<QWidget *>(dialog()));
        QCOMPARE(outOfReach(*dialog()), QString());
        dialog()->reject();
        trigger("showRelayCard");
        own()->activateWindow();
        QTRY_COMPARE(QApplication::activeWindow(), static_cast<QWidget *>(own()));
        QCOMPARE(outOfReach(*own()), QString());
    }

    void mnemonics_are_unique_data()
    {
        QTest::addColumn<QString>("language");
        QTest::newRow("English") << u"en_GB"_s;
        QTest::newRow("German") << u"de_DE"_s;
    }

    void mnemonics_are_unique()
    {
        QFETCH(QString, language);
        ui::installTranslations(*qApp, QLocale(language));
        f->open();
        f->window->openCard("restante:1/relay?server="_L1 + Key + "&address=https://relay.example&pin="_L1 + Key);
        QCOMPARE(mnemonics(*dialog()).doubled, QString());
        dialog()->reject();
        trigger("showRelayCard");
        QCOMPARE(mnemonics(*own()).doubled, QString());
    }

private:
    ui::OpenCardDialog *dialog() const { return f->window->findChild<ui::OpenCardDialog *>(); }
    ui::OwnCardDialog *own() const { return f->window->findChild<ui::OwnCardDialog *>(); }
    QLineEdit *field(const char *name) const { return f->find<QLineEdit>(name); }
    QPushButton *button(const char *name) const { return f->find<QPushButton>(name); }
    QString text(const char *name) const { return f->text(name); }
    void trigger(const char *action) const { f->window->findChild<QAction *>(QString::fromLatin1(action))->trigger(); }

    std::unique_ptr<WindowFixture> f;
};

QTEST_MAIN(TestCards)
#include "tst_cards.moc"
