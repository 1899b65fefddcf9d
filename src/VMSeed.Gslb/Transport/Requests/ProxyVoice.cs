using System.Net;
using System.Net.Http.Headers;

namespace VMSeed.Gslb.Transport.Requests;

/// <summary>Tells the answers that a proxy on the way makes for itself.</summary>
/// <remarks>
/// A refusal of a proxy, or its own trouble, says nothing of the mirror behind it, which was never
/// asked. A proxy that could not reach the mirror, or got no whole answer, speaks of the mirror all
/// the same, and that counts as the mirror's failure. Two fields tell them apart: Proxy-Status (RFC
/// 9209, whose section 2.3 lists the errors), and X-Squid-Error of Squid, which most sites run that
/// run a proxy at all. 407 is a proxy's by definition (RFC 9110 section 15.5.8). An answer with Via
/// alone is the mirror's, passed on.
/// </remarks>
internal static class ProxyVoice
{
    // Of an answer's Proxy-Status, the first so many members: the chain of proxies is short, and
    // the field is hostile input.
    private const int MostMembers = 8;

    private static readonly string[] _ownErrors =
    [
        "destination_not_found", "destination_ip_prohibited", "connection_limit_reached",
        "http_request_denied", "http_request_error", "http_upgrade_failed",
        "proxy_internal_response", "proxy_internal_error", "proxy_configuration_error",
        "proxy_loop_detected",
    ];

    // What Squid says of the server that it asked; all else is its own.
    private static readonly string[] _errorsOfServers =
    [
        "ERR_CONNECT_FAIL", "ERR_SECURE_CONNECT_FAIL", "ERR_DNS_FAIL", "ERR_READ_", "ERR_WRITE_",
        "ERR_ZERO_SIZE_OBJECT", "ERR_LIFETIME_EXP", "ERR_INVALID_RESP",
    ];

    /// <summary>Listens to a refusal.</summary>
    /// <param name="response">An answer that brings nothing.</param>
    /// <returns>Who said no, as the end of a sentence that begins with the mirror; null where it
    /// was the mirror, or a proxy that speaks of it.</returns>
    public static string? Of(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
        {
            return "was not asked: a proxy wants a log-in (407)";
        }

        HttpResponseHeaders headers = response.Headers;
        return headers.NonValidated.TryGetValues("Proxy-Status", out HeaderStringValues status)
            && StatusOf(status) is { } error
                ? $"was not asked: a proxy says {error}"
            : headers.NonValidated.TryGetValues("X-Squid-Error", out HeaderStringValues squid)
            && !IsOfServer(squid.ToString())
                ? "was not asked: a proxy says no (X-Squid-Error)"
                : null;
    }

    // A list of structured fields (RFC 8941); the last member is the proxy nearest to the client.
    // Only a name of the list above is taken, so that nothing of the field's own is ever shown.
    private static string? StatusOf(HeaderStringValues fields)
    {
        int members = 0;
        foreach (string field in fields)
        {
            foreach (Range part in field.AsSpan().Split(','))
            {
                if (members++ < MostMembers && ErrorOf(field.AsSpan()[part]) is { } error)
                {
                    return error;
                }
            }
        }

        return null;
    }

    private static string? ErrorOf(ReadOnlySpan<char> member)
    {
        foreach (Range part in member.Split(';'))
        {
            ReadOnlySpan<char> parameter = member[part].Trim();
            if (parameter.StartsWith("error=", StringComparison.Ordinal))
            {
                ReadOnlySpan<char> name = parameter["error=".Length..].Trim();
                foreach (string own in _ownErrors)
                {
                    if (name.SequenceEqual(own))
                    {
                        return own;
                    }
                }
            }
        }

        return null;
    }

    private static bool IsOfServer(string error)
    {
        foreach (string known in _errorsOfServers)
        {
            if (error.StartsWith(known, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
