// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/edu.h"

namespace restante::matrix
{

bool Edu::isValid() const
{
    return type.kind == JsonKind::String && (!content || content->kind == JsonKind::Object);
}

EduWalk::EduWalk(const JsonSlice &edus)
    : m_walk(edus)
{
}

bool EduWalk::next(Edu *edu)
{
    *edu = {};
    m_attestation = false;
    JsonSlice element;
    if (!m_walk.next(&element))
        return false;
    if (element.kind != JsonKind::Object)
        return true;
    JsonWalk members(element);
    JsonRawMember member;
    while (members.next(&member)) {
        if (member.isCalled("edu_type"))
            edu->type = member.value;
        else if (member.isCalled("content"))
            edu->content = member.value;
    }
    m_attestation = m_walk.atEnd() && holdsText(edu->type, AttestationEduType);
    return true;
}

} // namespace restante::matrix
