using System.CommandLine;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Disks;

/// <summary><c>vmseed disk describe FILE OUT.vmdk</c>: a raw file, such as the one of a mount, for
/// hypervisors that read VMDKs.</summary>
internal sealed class DiskDescribeVerb : Verb
{
    private readonly Argument<string> _file = new("file")
    {
        Description = "A raw disk: the disk.raw of a mount, or a file.",
    };

    private readonly Argument<string> _output = new("output")
    {
        Description = "The VMDK to write: a text that names the file, by its whole path.",
    };

    public DiskDescribeVerb()
        : base("describe", "Writes a flat VMDK over a raw file, for VMware and VirtualBox.")
    {
        Add(_file);
        Add(_output);
        Add(SharedOptions.Force);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        FileInfo file = new(line.GetRequiredValue(_file));
        string output = line.GetRequiredValue(_output);
        string text = FlatDescriptor.Of(file);
        if (File.Exists(output) && !line.GetValue(SharedOptions.Force))
        {
            throw new ToolException(
                ExitCode.Usage, $"{output} exists already; --force overwrites it.");
        }

        await File.WriteAllTextAsync(output, text, cancellationToken);
        return ExitCode.Done;
    }
}
