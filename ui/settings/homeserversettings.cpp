// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/homeserversettings.h"

#include "settings/fieldtable.h"
#include "ui/settings/homeserverwords.h"
#include "ui/widgets/complaintwords.h"
#include "ui/widgets/copybox.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/fielderror.h"
#include "ui/widgets/plaintip.h"

#include <QtCore/QSignalBlocker>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStyle>
#include <QtWidgets/QVBoxLayout>

#include <utility>

namespace restante::ui
{

namespace
{
QLabel *wrappedLabel(const QString &name)
{
    auto *label = new QLabel;
    label->setObjectName(name);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

void setIcon(QLabel &label, QStyle::StandardPixmap icon)
{
    const int side = label.style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, &label);
    label.setPixmap(label.style()->standardIcon(icon, nullptr, &label).pixmap(side));
}

QHBoxLayout *resultRow(QLabel *icon, QLabel *text)
{
    auto *row = new QHBoxLayout;
    row->addWidget(icon, 0, Qt::AlignTop);
    row->addWidget(text, 1);
    return row;
}
} // namespace

HomeserverSettings::HomeserverSettings(control::Operations &operations, QWidget *parent)
    : SettingsPage(parent)
    , m_operations(operations)
    , m_which(new QComboBox)
    , m_found(wrappedLabel(QStringLiteral("homeserverFound")))
    , m_lookAgain(new QPushButton(tr("&Look again")))
    , m_otherFile(new QPushButton(tr("Another &file…")))
    , m_use(new QPushButton)
    , m_place(new QLineEdit)
    , m_placeError(new FieldError(m_place))
    , m_upstream(new QLineEdit)
    , m_upstreamError(new FieldError(m_upstream))
    , m_test(new QPushButton(tr("&Test")))
    , m_deliveryIcon(new QLabel)
    , m_delivery(wrappedLabel(QStringLiteral("deliveryResult")))
    , m_wayOutIcon(new QLabel)
    , m_wayOut(wrappedLabel(QStringLiteral("wayOutResult")))
    , m_remark(wrappedLabel(QStringLiteral("linesRemark")))
{
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(buildPlace());
    layout->addWidget(buildTest());
    layout->addWidget(buildLines());
    layout->addStretch(1);
    connect(m_lookAgain, &QPushButton::clicked, this, [this] { find({}); });
    connect(m_otherFile, &QPushButton::clicked, this, &HomeserverSettings::chooseFile);
    connect(m_which, &QComboBox::currentIndexChanged, this, &HomeserverSettings::showLines);
    connect(m_use, &QPushButton::clicked, this, [this] { m_place->setText(chosen().place); });
    connect(m_test, &QPushButton::clicked, this, &HomeserverSettings::test);
    for (QLineEdit *field : {m_place, m_upstream})
        connect(field, &QLineEdit::textChanged, this, &SettingsPage::edited);
    connect(m_place, &QLineEdit::textChanged, this, [this] {
        ++m_testNumber;
        showUntested();
        offerPlace();
    });
    connect(&m_look, &QTimer::timeout, this, &HomeserverSettings::showWayOut);
    takeFound({}, false);
    m_found->hide();
}

QWidget *HomeserverSettings::buildPlace()
{
    m_which->setObjectName(QStringLiteral("homeserverChoice"));
    m_which->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_which->setMinimumContentsLength(24);
    m_lookAgain->setObjectName(QStringLiteral("lookAgain"));
    m_otherFile->setObjectName(QStringLiteral("otherFile"));
    m_use->setObjectName(QStringLiteral("usePlace"));
    for (QPushButton *button : {m_lookAgain, m_otherFile, m_use})
        button->setAutoDefault(false); // Return means OK
    m_place->setObjectName(QStringLiteral("homeserver"));
    m_place->setPlaceholderText(tr("none: collected mail stays in the inbox"));
    m_place->setToolTip(tr("Where the homeserver takes requests of other servers without encryption, on this computer "
                           "or in your own network, such as http://127.0.0.1:8008"));
    m_upstream->setObjectName(QStringLiteral("upstream"));
    m_upstream->setPlaceholderText(tr("none: all mail comes with the next retrieval"));
    m_upstream->setToolTip(tr("Host and port at which a friend's relay reaches the homeserver while it is on, such as "
                              "home.example.org:8448"));
    auto *box = new QGroupBox(tr("Homeserver"));
    auto *form = new QFormLayout(box);
    form->addRow(tr("&Homeserver:"), m_which);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_lookAgain);
    buttons->addWidget(m_otherFile);
    buttons->addStretch(1);
    form->addRow(QString(), m_found);
    form->addRow(QString(), buttons);
    auto *place = new QHBoxLayout;
    place->addWidget(m_place, 1);
    place->addWidget(m_use);
    auto *placeLabel = new QLabel(tr("&Deliver mail to:"));
    placeLabel->setBuddy(m_place);
    form->addRow(placeLabel, place);
    form->addRow(QString(), m_placeError);
    form->addRow(tr("&Reached by relays at:"), m_upstream);
    form->addRow(QString(), m_upstreamError);
    return box;
}

QWidget *HomeserverSettings::buildTest()
{
    m_test->setObjectName(QStringLiteral("testHomeserver"));
    m_test->setAutoDefault(false);
    auto *box = new QGroupBox(tr("In both directions"));
    auto *layout = new QVBoxLayout(box);
    auto *delivery = resultRow(m_deliveryIcon, m_delivery);
    delivery->addWidget(m_test, 0, Qt::AlignTop);
    layout->addLayout(delivery);
    layout->addLayout(resultRow(m_wayOutIcon, m_wayOut));
    return box;
}

QWidget *HomeserverSettings::buildLines()
{
    auto *box = new QGroupBox(tr("What to add to its configuration"));
    m_linesLayout = new QVBoxLayout(box);
    m_linesLayout->addWidget(m_remark);
    return box;
}

void HomeserverSettings::load(const settings::Settings &settings)
{
    m_place->setText(settings.homeserver.toString());
    m_upstream->setText(settings.upstream);
    showUntested();
}

void HomeserverSettings::showUntested()
{
    m_delivery->setText(tr("Whether Restante reaches the homeserver has not been tested."));
    setIcon(*m_deliveryIcon, QStyle::SP_MessageBoxInformation);
}

void HomeserverSettings::store(settings::Settings &settings) const
{
    if (settings::HomeserverUrl place; !settings::parse(m_place->text(), place))
        settings.homeserver = place;
    settings.upstream = m_upstream->text().trimmed();
}

QString HomeserverSettings::validate()
{
    settings::HomeserverUrl place;
    const auto wrongPlace = settings::parse(m_place->text(), place);
    const auto wrongUpstream = settings::findField(u"node.upstream")->check(m_upstream->text().trimmed());
    QStringList problems;
    problems << m_placeError->setText(wrongPlace ? complaintText(*wrongPlace) : QString());
    problems << m_upstreamError->setText(wrongUpstream ? complaintText(*wrongUpstream) : QString());
    m_test->setEnabled(!wrongPlace && !place.isNull());
    problems.removeAll(QString());
    return problems.value(0);
}

void HomeserverSettings::showEvent(QShowEvent *event)
{
    SettingsPage::showEvent(event);
    showWayOut();
    m_look.start(LookMs);
    if (std::exchange(m_looked, true))
        return;
    find({});
    m_operations.fetchHomeserverAccess(this, [this](const Result<homeserver::Access> &access) {
        m_access = access;
        showLines();
    });
}

void HomeserverSettings::hideEvent(QHideEvent *event)
{
    m_look.stop();
    SettingsPage::hideEvent(event);
}

void HomeserverSettings::chooseFile()
{
    auto *dialog = new QFileDialog(this, tr("Configuration of the homeserver"));
    dialog->setObjectName(QStringLiteral("homeserverFile"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Configurations (*.yaml *.yml)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, &HomeserverSettings::find);
    dialog->open();
}

void HomeserverSettings::find(const QString &file)
{
    m_found->setText(tr("Looking…"));
    m_found->show();
    m_operations.findHomeservers(file, this, [this, file](const Result<homeserver::Found> &found) {
        if (found)
            takeFound(*found, !file.isEmpty());
        else
            m_found->setText(sentence(found.error()));
    });
}

void HomeserverSettings::takeFound(const homeserver::Found &found, bool isOneFile)
{
    m_choices = found.homeservers;
    homeserver::Configuration elsewhere;
    m_choices.append(elsewhere);
    elsewhere.software = homeserver::Software::Dendrite;
    m_choices.append(elsewhere);
    const QSignalBlocker quiet(m_which);
    m_which->clear();
    for (const homeserver::Configuration &choice : std::as_const(m_choices))
        m_which->addItem(foundText(choice));
    QStringList texts;
    if (found.homeservers.isEmpty())
        texts.append(isOneFile ? tr("This file is not a configuration that can be used.")
                               : tr("No configuration of Synapse or Dendrite was found in the usual places."));
    if (const QString unreadable = unreadableText(found.unreadable); !unreadable.isEmpty())
        texts.append(unreadable);
    m_found->setText(texts.join(u'\n'));
    m_found->setVisible(!texts.isEmpty());
    showLines();
}

homeserver::Configuration HomeserverSettings::chosen() const
{
    return m_choices.value(m_which->currentIndex());
}

/// The address in the configuration that is chosen, if it is another than the one entered and can be used.
void HomeserverSettings::offerPlace()
{
    const QString text = chosen().place;
    settings::HomeserverUrl place;
    const bool isUsable = !text.isEmpty() && !settings::parse(text, place);
    m_use->setText(tr("&Use %1").arg(text));
    m_use->setVisible(isUsable && text != m_place->text().trimmed());
}

void HomeserverSettings::test()
{
    settings::HomeserverUrl place;
    if (settings::parse(m_place->text(), place) || place.isNull())
        return;
    const quint32 number = ++m_testNumber;
    m_delivery->setText(tr("Asking the homeserver…"));
    showWayOut();
    m_operations.testHomeserver(place, this, [this, number](const Result<homeserver::TrialReport> &report) {
        if (number != m_testNumber)
            return;
        m_delivery->setText(report ? outcomeText(*report) : sentence(report.error()));
        m_test->setAccessibleDescription(m_delivery->text());
        const bool works = report && report->works();
        setIcon(*m_deliveryIcon, works ? QStyle::SP_DialogApplyButton : QStyle::SP_MessageBoxWarning);
        showWayOut();
    });
}

void HomeserverSettings::showWayOut()
{
    const auto status = m_operations.status();
    m_wayOut->setText(wayOutText(status));
    setIcon(*m_wayOutIcon, wayOutWorks(status) ? QStyle::SP_DialogApplyButton : QStyle::SP_MessageBoxInformation);
}

void HomeserverSettings::showLines()
{
    offerPlace();
    m_which->setToolTip(plainTip(m_which->currentText()));
    delete m_pieces;
    m_pieces = new QWidget;
    auto *layout = new QVBoxLayout(m_pieces);
    layout->setContentsMargins(0, 0, 0, 0);
    m_linesLayout->addWidget(m_pieces);
    const bool isKnown = m_access && *m_access;
    const auto pieces = isKnown ? homeserver::linesFor(chosen(), **m_access) : QList<homeserver::Piece>();
    m_remark->setText(m_access && !isKnown ? sentence(m_access->error()) : remarkText(chosen(), pieces));
    m_remark->setToolTip(m_access && !isKnown ? plainTip(m_access->error().detail) : QString());
    int number = 0;
    for (const homeserver::Piece &piece : pieces) {
        auto *what = wrappedLabel(QStringLiteral("lines%1What").arg(number));
        what->setText(pieceText(piece));
        layout->addWidget(what);
        layout->addWidget(new CopyBox(QStringLiteral("lines%1").arg(number), what->text(), piece.text));
        ++number;
    }
}

} // namespace restante::ui
