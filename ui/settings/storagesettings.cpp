// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/storagesettings.h"

#include "ui/widgets/fielderror.h"
#include "ui/widgets/sizefield.h"

#include <QtCore/QDir>
#include <QtCore/QUrl>
#include <QtGui/QDesktopServices>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

namespace
{
constexpr int MostHeldEntries = 1'000'000'000;
constexpr qint64 LeastFloor = qint64(16) << 20;
} // namespace

StorageSettings::StorageSettings(const QString &dataFolder, QWidget *parent)
    : SettingsPage(parent)
    , m_entries(new QSpinBox)
    , m_bytes(new SizeField)
    , m_bytesError(new FieldError(m_bytes))
    , m_floor(new SizeField)
    , m_floorError(new FieldError(m_floor))
    , m_secureDelete(new QCheckBox(tr("O&verwrite what is deleted (slower)")))
{
    m_entries->setObjectName(QStringLiteral("totalEntries"));
    m_entries->setRange(1, MostHeldEntries);
    m_entries->setGroupSeparatorShown(true);
    m_entries->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    m_bytes->setObjectName(QStringLiteral("totalBytes"));
    m_floor->setObjectName(QStringLiteral("diskFloor"));
    m_floor->setToolTip(tr("When the disk has less free space than this, no more mail is taken in"));
    m_secureDelete->setObjectName(QStringLiteral("secureDelete"));

    auto *limits = new QGroupBox(tr("Limits"));
    auto *form = new QFormLayout(limits);
    form->addRow(tr("Pieces of mail in &all:"), m_entries);
    form->addRow(tr("Si&ze in all:"), m_bytes);
    form->addRow(QString(), m_bytesError);
    form->addRow(tr("Keep &free on the disk:"), m_floor);
    form->addRow(QString(), m_floorError);
    form->addRow(m_secureDelete);

    auto *place = new QGroupBox(tr("Place"));
    auto *folder = new QLineEdit(QDir::toNativeSeparators(dataFolder));
    folder->setObjectName(QStringLiteral("folder"));
    folder->setReadOnly(true);
    auto *open = new QPushButton(tr("O&pen folder"));
    connect(open, &QPushButton::clicked, this,
            [dataFolder] { QDesktopServices::openUrl(QUrl::fromLocalFile(dataFolder)); });
    auto *row = new QHBoxLayout;
    row->addWidget(folder, 1);
    row->addWidget(open);
    auto *placeForm = new QFormLayout(place);
    auto *label = new QLabel(tr("&Data folder:"));
    label->setBuddy(folder);
    placeForm->addRow(label, row);

    auto *layout = new QVBoxLayout(this);
    layout->addWidget(limits);
    layout->addWidget(place);
    layout->addStretch(1);
    for (QSpinBox *field : {m_entries, static_cast<QSpinBox *>(m_bytes), static_cast<QSpinBox *>(m_floor)})
        connect(field, &QSpinBox::valueChanged, this, &SettingsPage::edited);
    connect(m_secureDelete, &QCheckBox::toggled, this, &SettingsPage::edited);
}

void StorageSettings::load(const settings::Settings &settings)
{
    m_entries->setValue(int(std::min<qint64>(settings.totalEntries, MostHeldEntries)));
    m_bytes->setBytes(settings.totalBytes);
    m_floor->setBytes(settings.diskFloorBytes);
    m_loadedFloor = settings.diskFloorBytes;
    m_secureDelete->setChecked(settings.secureDelete);
}

void StorageSettings::store(settings::Settings &settings) const
{
    settings.totalEntries = m_entries->value();
    settings.totalBytes = m_bytes->bytes();
    settings.diskFloorBytes = m_floor->bytes();
    settings.secureDelete = m_secureDelete->isChecked();
}

QString StorageSettings::validate()
{
    QStringList problems;
    problems << m_bytesError->setText(m_bytes->bytes() <= 0 ? tr("At least 1 MiB is needed.") : QString());
    problems << m_floorError->setText(
        m_floor->bytes() < LeastFloor && m_floor->bytes() != m_loadedFloor
            ? tr("Keep at least %1 free, or a full disk stops other programs too.")
                  .arg(QLocale().formattedDataSize(LeastFloor, 0, QLocale::DataSizeIecFormat))
            : QString());
    problems.removeAll(QString());
    return problems.value(0);
}

} // namespace restante::ui
