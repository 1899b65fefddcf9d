using System.Net;
using CsCheck;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Tests.Transport.Requests;

public sealed class ProxyVoiceTests
{
    [Theory]
    [InlineData(403, "Proxy-Status", "edge; error=http_request_denied", "http_request_denied")]
    [InlineData(500, "Proxy-Status", "corp.example; error=proxy_internal_error; details=\"x\"",
        "proxy_internal_error")]
    [InlineData(502, "Proxy-Status", "a; received-status=502, b;error=proxy_loop_detected",
        "proxy_loop_detected")]
    [InlineData(503, "Proxy-Status", "a; error=connection_limit_reached", "connection_limit")]
    [InlineData(403, "X-Squid-Error", "ERR_ACCESS_DENIED 0", "X-Squid-Error")]
    [InlineData(503, "X-Squid-Error", "ERR_SHUTTING_DOWN 0", "X-Squid-Error")]
    [InlineData(407, "Proxy-Authenticate", "Basic", "407")]
    public void What_a_proxy_says_of_itself_is_the_proxys(
        int status, string field, string value, string fact)
    {
        using HttpResponseMessage response = Make(status, field, value);
        Assert.Contains(fact, ProxyVoice.Of(response));
    }

    [Theory]
    [InlineData(502, "Proxy-Status", "edge; error=connection_refused")]
    [InlineData(504, "Proxy-Status", "edge; error=http_response_timeout")]
    [InlineData(502, "Proxy-Status", "edge; error=dns_error; rcode=NXDOMAIN")]
    [InlineData(503, "Proxy-Status", "edge; received-status=503")]
    [InlineData(503, "X-Squid-Error", "ERR_CONNECT_FAIL 111")]
    [InlineData(502, "X-Squid-Error", "ERR_READ_TIMEOUT 0")]
    [InlineData(503, "Via", "1.1 proxy.example (squid/6.1)")]
    [InlineData(404, "Via", "1.1 proxy.example")]
    public void What_a_proxy_says_of_a_mirror_is_the_mirrors(
        int status, string field, string value)
    {
        using HttpResponseMessage response = Make(status, field, value);
        Assert.Null(ProxyVoice.Of(response));
    }

    [Fact]
    public void Whatever_the_field_says_nothing_of_it_is_shown() =>
        Gen.String[Gen.Char[' ', '~'], 0, 200].Sample(text =>
        {
            using HttpResponseMessage response = Make(502, "Proxy-Status", "x; error=" + text);
            string? fact = ProxyVoice.Of(response);
            Assert.True(fact is null || fact.Length < 80);
        });

    private static HttpResponseMessage Make(int status, string field, string value)
    {
        HttpResponseMessage response = new((HttpStatusCode)status);
        Assert.True(response.Headers.TryAddWithoutValidation(field, value));
        return response;
    }
}
