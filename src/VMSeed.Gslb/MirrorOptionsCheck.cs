using Microsoft.Extensions.Options;

namespace VMSeed.Gslb;

/// <summary>Validates the options of one client.</summary>
internal sealed class MirrorOptionsCheck(string client) : IValidateOptions<MirrorHandlerOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, MirrorHandlerOptions options)
    {
        if (name != client)
        {
            return ValidateOptionsResult.Skip;
        }

        try
        {
            options.Validate();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException e)
        {
            return ValidateOptionsResult.Fail(e.Message);
        }
    }
}
