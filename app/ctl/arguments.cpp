// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/arguments.h"

#include "ctl/help.h"
#include "settings/options.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
using Kind = Parameter::Kind;

Error wrong(const QString &text)
{
    return {Errc::InvalidParam, text, 0};
}

/// Reads the words from left to right.
class Reader
{
public:
    explicit Reader(const QStringList &words)
        : m_words(words)
    {
    }

    Result<Invocation> read()
    {
        for (; m_at < m_words.size(); ++m_at) {
            if (const auto taken = isOption(m_words.at(m_at)) ? takeOption() : takeWord(); !taken)
                return taken.error();
        }
        if (m_invocation.dataFolder.isEmpty())
            m_invocation.dataFolder = settings::Options::defaultDataFolder();
        if (m_invocation.help || m_invocation.version)
            return m_invocation;
        if (!m_invocation.command)
            return wrong(u"give a command; see restantectl --help"_s);
        if (const auto complete = checkComplete(); !complete)
            return complete.error();
        return m_invocation;
    }

private:
    /// A negative number is a value, of which more can be said than that there is no such option.
    bool isOption(const QString &word) const
    {
        return !m_optionsEnded && word.size() > 1 && word.startsWith(u'-') && !word.at(1).isDigit();
    }

    QString usageHint() const { return u"usage: restantectl "_s + usageOf(*m_invocation.command); }

    Result<void> takeCommand()
    {
        const QString first = m_words.at(m_at);
        if (const auto *both = control::findCommand(QString(first + u' ' + m_words.value(m_at + 1)))) {
            m_invocation.command = both;
            ++m_at;
        } else if (const auto *one = control::findCommand(first)) {
            m_invocation.command = one;
        } else {
            m_invocation.command = control::findCommand(QString(first + " list"_L1));
        }
        if (!m_invocation.command)
            return wrong(u"there is no command \"%1\"; see restantectl --help"_s.arg(first));
        return {};
    }

    Result<void> takeWord()
    {
        const QString &word = m_words.at(m_at);
        if (!m_invocation.command)
            return takeCommand();
        for (const Parameter &parameter : m_invocation.command->parameters) {
            const bool taken = m_invocation.arguments.contains(parameter.key);
            if (parameter.kind == Kind::Pairs)
                return addToPairs(parameter, word);
            if (!parameter.isOption() && (!taken || parameter.kind == Kind::Numbers))
                return set(parameter, word);
        }
        if (m_invocation.command->words == "help"_L1) { // of a command with two words
            const QString topic = m_invocation.arguments.value("command"_L1).toString();
            m_invocation.arguments.insert(u"command"_s, topic + u' ' + word);
            return {};
        }
        return wrong(u"unexpected argument \"%1\"; %2"_s.arg(word, usageHint()));
    }

    Result<void> takeOption()
    {
        const QString word = m_words.at(m_at);
        const QString name = word.section(u'=', 0, 0);
        if (word == "--"_L1) {
            m_optionsEnded = true;
            return {};
        }
        if (word == "--json"_L1)
            m_invocation.json = true;
        else if (word == "--help"_L1 || word == "-h"_L1)
            m_invocation.help = true;
        else if (word == "--version"_L1 || word == "-v"_L1)
            m_invocation.version = true;
        else if (name == "--data-dir"_L1)
            return takeDataFolder();
        else
            return takeOwnOption(name);
        return {};
    }

    Result<void> takeDataFolder()
    {
        const auto value = takeValue(false);
        if (!value)
            return value.error();
        m_invocation.dataFolder = QDir::cleanPath(QFileInfo(*value).absoluteFilePath());
        return {};
    }

    Result<void> takeOwnOption(const QString &name)
    {
        if (!m_invocation.command)
            return wrong(u"there is no option %1 before a command"_s.arg(name));
        const auto &parameters = m_invocation.command->parameters;
        const auto parameter = std::find_if(parameters.cbegin(), parameters.cend(),
                                            [&name](const Parameter &each) { return each.name == name; });
        if (parameter == parameters.cend() || !parameter->isOption())
            return wrong(u"there is no option %1; %2"_s.arg(name, usageHint()));
        if (parameter->kind == Kind::Flag) {
            if (m_words.at(m_at) != name)
                return wrong(u"%1 takes no value"_s.arg(name));
            m_invocation.arguments.insert(parameter->key, true);
            return {};
        }
        const auto value = takeValue(parameter->mayBeEmpty);
        return value ? set(*parameter, *value) : Result<void>(value.error());
    }

    /// The value of the option that is being read: behind '=', or the next word.
    Result<QString> takeValue(bool mayBeEmpty)
    {
        const QString &word = m_words.at(m_at);
        const qsizetype equals = word.indexOf(u'=');
        const bool given = equals >= 0 || m_at + 1 < m_words.size();
        const QString value = equals >= 0 ? word.sliced(equals + 1) : m_words.value(m_at + 1);
        if (!given || (value.isEmpty() && !mayBeEmpty))
            return wrong(u"%1 needs a value"_s.arg(word.section(u'=', 0, 0)));
        m_at += equals >= 0 ? 0 : 1;
        return value;
    }

    Result<void> set(const Parameter &parameter, const QString &text)
    {
        QJsonValue value = text;
        if (parameter.kind == Kind::File && text == "-"_L1) // the program that runs reads and writes it
            return wrong(u"%1: standard input and output cannot be used, name a file"_s.arg(parameter.name));
        if (parameter.kind == Kind::File && !text.isEmpty()) // an empty one takes a file back
            value = QDir::cleanPath(QFileInfo(text).absoluteFilePath());
        if (parameter.kind == Kind::Number || parameter.kind == Kind::Numbers) {
            bool isNumber = false;
            const qint64 number = text.toLongLong(&isNumber);
            if (!isNumber || number <= 0)
                return wrong(u"%1: \"%2\" is not a positive whole number; %3"_s.arg(parameter.name, text, usageHint()));
            value = number;
        }
        if (parameter.kind == Kind::Numbers || parameter.kind == Kind::Texts) {
            QJsonArray list = m_invocation.arguments.value(parameter.key).toArray();
            if (parameter.kind == Kind::Numbers || !text.isEmpty())
                list.append(value);
            value = list;
        }
        m_invocation.arguments.insert(parameter.key, value);
        return {};
    }

    /// A key, or the value of the key that came before.
    Result<void> addToPairs(const Parameter &parameter, const QString &word)
    {
        QJsonArray pairs = m_invocation.arguments.value(parameter.key).toArray();
        QJsonObject last = pairs.isEmpty() ? QJsonObject() : pairs.last().toObject();
        if (last.contains("key"_L1) && !last.contains("value"_L1)) {
            last.insert("value"_L1, word);
            pairs.replace(pairs.size() - 1, last);
        } else {
            pairs.append(QJsonObject{{u"key"_s, word}});
        }
        m_invocation.arguments.insert(parameter.key, pairs);
        return {};
    }

    Result<void> checkPairs(const Parameter &parameter) const
    {
        const QJsonObject last = m_invocation.arguments.value(parameter.key).toArray().last().toObject();
        if (last.contains("value"_L1))
            return {};
        return wrong(u"%1 has no value; %2"_s.arg(last.value("key"_L1).toString(), usageHint()));
    }

    Result<void> checkComplete() const
    {
        int alternatives = 0;
        for (const Parameter &parameter : m_invocation.command->parameters) {
            const bool given = m_invocation.arguments.contains(parameter.key);
            if (parameter.required && !given)
                return wrong(u"%1 is missing; %2"_s.arg(parameter.name, usageHint()));
            if (given && parameter.kind == Kind::Pairs) {
                if (const auto paired = checkPairs(parameter); !paired)
                    return paired;
            }
            if (given && (parameter.kind == Kind::Numbers || parameter.kind == Kind::Flag))
                ++alternatives;
        }
        if (m_invocation.command->either && alternatives != 1)
            return wrong(usageHint());
        return {};
    }

    const QStringList &m_words;
    qsizetype m_at = 0;
    bool m_optionsEnded = false;
    Invocation m_invocation;
};
} // namespace

Result<Invocation> Invocation::parse(const QStringList &words)
{
    return Reader(words).read();
}

} // namespace restante::ctl
