using System.Net;

namespace VMSeed.Gslb.Transport.Sockets;

/// <summary>Which redirects are followed.</summary>
internal static class Redirect
{
    /// <summary>Redirects of one attempt. A mirror network needs one or two; a longer chain is a
    /// loop, or a portal that leads through its pages.</summary>
    public const int Most = 3;

    /// <summary>Where an answer leads.</summary>
    /// <param name="from">Where it came from.</param>
    /// <param name="response">The answer.</param>
    /// <returns>Null where it leads nowhere, or from https to http.</returns>
    public static Uri? Follow(Uri from, HttpResponseMessage response)
    {
        bool isRedirect = response.StatusCode is HttpStatusCode.MovedPermanently
            or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
        if (!isRedirect || response.Headers.Location is not { } location
            || !Uri.TryCreate(from, location, out Uri? to))
        {
            return null;
        }

        bool isAllowed = to.Scheme == Uri.UriSchemeHttps
            || (to.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp);
        return isAllowed ? to : null;
    }

    /// <summary>Whether two addresses are of the same server, as far as secrets are concerned
    /// (RFC 6454 section 4).</summary>
    /// <param name="one">An address.</param>
    /// <param name="other">Another.</param>
    /// <returns>True for the same scheme, host and port.</returns>
    public static bool IsSameServer(Uri one, Uri other) =>
        one.Port == other.Port && one.Host == other.Host && one.Scheme == other.Scheme;
}
