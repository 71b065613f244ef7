// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/edu.h"

namespace restante::matrix
{

bool Edu::isValid() const
{
    return type.kind == JsonKind::String &&
           (!content || content->kind == JsonKind::Object || content->kind == JsonKind::Null);
}

Edu eduOf(const JsonSlice &element)
{
    Edu edu;
    JsonWalk members(element);
    JsonRawMember member;
    while (element.kind == JsonKind::Object && members.next(&member)) {
        if (member.isCalled("edu_type"))
            edu.type = member.value;
        else if (member.isCalled("content"))
            edu.content = member.value;
    }
    return edu;
}

EduWalk::EduWalk(const JsonSlice &edus)
    : m_walk(edus)
{
}

JsonSlice memberOf(const JsonSlice &object, QByteArrayView name)
{
    JsonWalk members(object);
    JsonRawMember member;
    while (members.next(&member)) {
        if (member.isCalled(name))
            return member.value;
    }
    return {};
}

bool EduWalk::next(Edu *edu)
{
    *edu = {};
    m_attestation = false;
    JsonSlice element;
    if (!m_walk.next(&element))
        return false;
    *edu = eduOf(element);
    if (!m_walk.atEnd() || !holdsText(edu->type, AttestationEduType))
        return true;
    m_attested = true;
    const JsonSlice last = memberOf(edu->content.value_or(JsonSlice()), "last");
    m_attestation = last.kind != JsonKind::Object;
    if (!m_attestation)
        *edu = eduOf(last);
    return true;
}

unsigned fleetingKinds(const JsonSlice &edus)
{
    if (edus.kind != JsonKind::Array)
        return 0;
    EduWalk walk(edus);
    Edu edu;
    unsigned kinds = 0;
    while (walk.next(&edu)) {
        if (walk.atAttestation())
            continue;
        if (holdsText(edu.type, "m.typing"))
            kinds |= TypingKind;
        else if (holdsText(edu.type, "m.presence"))
            kinds |= PresenceKind;
        else
            return 0;
    }
    return kinds;
}

} // namespace restante::matrix
