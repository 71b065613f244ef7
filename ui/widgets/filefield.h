// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

class QFormLayout;
class QLineEdit;

namespace restante::ui
{

class FieldError;

/// The path of a PEM file, typed or chosen, with what is wrong with it below.
class FileField final : public QWidget
{
    Q_OBJECT

public:
    /// `name` is the object name of the line edit, `browse` the button's text with its mnemonic.
    FileField(const QString &name, const QString &browse, QWidget *parent = nullptr);

    /// Adds label, field and error to a form.
    void addTo(QFormLayout *form, const QString &label);
    QString file() const;
    void setFile(const QString &file);
    /// Shows `other` if it is not empty, else what is wrong with the file; no file is right too. Returns what is shown.
    QString validate(const QString &other = {});

Q_SIGNALS:
    void edited();

private:
    void browse();

    QLineEdit *m_edit;
    FieldError *m_error;
};

/// Shows what is wrong with a certificate and its key, of which neither is of use without the other. Returns it, too.
QStringList validatePair(FileField &certificate, FileField &key);

} // namespace restante::ui
