// SPDX-License-Identifier: GPL-3.0-or-later
// Remembers what was made of the names, which Sofia is done with long before it reads the next.
#include "core/sip/tls_names.h"

#include <openssl/x509v3.h>
#include <sofia-sip/nta.h> // what the next one needs
#include <sofia-sip/sofia_features.h>

#include <string_view>
#include <utility>

namespace sr::sip {
namespace {

/// Later versions may free them; what two free is worse than what nobody does.
constexpr bool kSofiaForgets = std::string_view(SOFIA_SIP_VERSION).starts_with("1.12.");

struct Names {
    GENERAL_NAMES* decoded = nullptr;
    STACK_OF(CONF_VALUE) * texts = nullptr;
};
thread_local Names t_last; ///< freed by hand: OpenSSL's part of a thread may end before ours

/// X509V3_EXT_I2V of the alternative names.
STACK_OF(CONF_VALUE) * textsOf(const X509V3_EXT_METHOD* method, void* decoded, STACK_OF(CONF_VALUE) * texts)
{
    freeLastCertificateNames();
    t_last.decoded = static_cast<GENERAL_NAMES*>(decoded);
    t_last.texts = X509V3_EXT_get_nid(NID_subject_alt_name)->i2v(method, decoded, texts);
    return t_last.texts;
}

} // namespace

const X509V3_EXT_METHOD* namesOf(const X509V3_EXT_METHOD* method)
{
    if (!kSofiaForgets || method == nullptr || method->ext_nid != NID_subject_alt_name)
        return method;
    static const X509V3_EXT_METHOD remembering = [&] {
        X509V3_EXT_METHOD changed = *method;
        changed.i2v = textsOf;
        return changed;
    }();
    return &remembering;
}

void freeLastCertificateNames()
{
    const Names last = std::exchange(t_last, {});
    GENERAL_NAMES_free(last.decoded);
    sk_CONF_VALUE_pop_free(last.texts, X509V3_conf_free);
}

} // namespace sr::sip
