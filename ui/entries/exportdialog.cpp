// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/exportdialog.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QRegularExpression>
#include <QtCore/QStandardPaths>
#include <QtWidgets/QFileDialog>

namespace restante::ui
{

namespace
{
struct ExportDialog {
    Q_DECLARE_TR_FUNCTIONS(ExportDialog)
};
} // namespace

void askExportFile(QWidget *parent, const QString &name, std::function<void(const QString &)> chosen)
{
    auto *dialog = new QFileDialog(parent, ExportDialog::tr("Export held mail"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->setNameFilters({ExportDialog::tr("One JSON object a line (*.jsonl)"), ExportDialog::tr("All files (*)")});
    dialog->setDefaultSuffix(QStringLiteral("jsonl"));
    dialog->setDirectory(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    static const QRegularExpression unsafe(QStringLiteral("[^A-Za-z0-9._-]+"));
    dialog->selectFile(QString(name).replace(unsafe, QStringLiteral("_")) + QStringLiteral(".jsonl"));
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, [chosen = std::move(chosen)](const QString &file) {
        if (!file.isEmpty())
            chosen(file);
    });
    dialog->open();
}

} // namespace restante::ui
