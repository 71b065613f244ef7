// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/filefield.h"

#include "ui/widgets/complaintwords.h"
#include "ui/widgets/fielderror.h"

#include <QtCore/QFileInfo>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>

namespace restante::ui
{

namespace
{
QString fileProblem(const QString &file)
{
    const QFileInfo info(file);
    if (file.isEmpty() || (info.isFile() && info.isReadable()))
        return info.isAbsolute() || file.isEmpty() ? QString() : FileField::tr("Enter the whole path of the file.");
    return info.isFile() ? FileField::tr("This file cannot be read.") : FileField::tr("There is no such file.");
}
} // namespace

FileField::FileField(const QString &name, const QString &browse, QWidget *parent)
    : QWidget(parent)
    , m_edit(new QLineEdit)
    , m_error(new FieldError(m_edit))
{
    m_edit->setObjectName(name);
    m_edit->setPlaceholderText(tr("PEM file"));
    auto *button = new QPushButton(browse);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_edit, 1);
    layout->addWidget(button);
    connect(button, &QPushButton::clicked, this, &FileField::browse);
    connect(m_edit, &QLineEdit::textChanged, this, &FileField::edited);
}

void FileField::addTo(QFormLayout *form, const QString &label)
{
    auto *text = new QLabel(label);
    text->setBuddy(m_edit);
    form->addRow(text, this);
    form->addRow(QString(), m_error);
}

QString FileField::file() const
{
    return m_edit->text().trimmed();
}

void FileField::setFile(const QString &file)
{
    m_edit->setText(file);
}

QString FileField::validate(const QString &other)
{
    return m_error->setText(other.isEmpty() ? fileProblem(file()) : other);
}

void FileField::browse()
{
    auto *dialog = new QFileDialog(this, tr("Choose a PEM file"), QFileInfo(file()).path());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("PEM files (*.pem *.crt *.key)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, m_edit, &QLineEdit::setText);
    dialog->open();
}

QStringList validatePair(FileField &certificate, FileField &key)
{
    using settings::ComplaintCode;
    const bool hasCertificate = !certificate.file().isEmpty();
    const bool hasKey = !key.file().isEmpty();
    return {certificate.validate(hasKey && !hasCertificate ? complaintText({ComplaintCode::TlsCertificateMissing})
                                                           : QString()),
            key.validate(hasCertificate && !hasKey ? complaintText({ComplaintCode::TlsKeyMissing}) : QString())};
}

} // namespace restante::ui
